using System.Globalization;
using System.Text;

namespace KiroPool.Simulator;

/// <summary>One prompt of <c>chat</c>: the answer on stdout, everything else on stderr.</summary>
internal sealed class ChatTurn(
    SimulatorSettings settings,
    ChatArguments arguments,
    AcpSession session,
    string prompt,
    TextFaults atPrompt,
    TextFaults atStreaming,
    ProcessEnd end,
    ByteWriter write)
{
    private const int KilledExitCode = 137;

    // With NO_COLOR the real one still writes resets and hides the cursor.
    private static readonly bool HasColours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private readonly PromptWords _words = PromptWords.Parse(prompt);

    /// <returns>Whether the turn ran; if not, stderr says why, and the exit code is 0 all the same.</returns>
    public bool Run()
    {
        DateTime began = DateTime.UtcNow;
        if (settings.ApiKeyExpired)
            return Refuse("error: Your API key has expired. Please log in again");
        if (_words.Crash)
            end.Crash("simulated crash at prompt", KilledExitCode);
        atPrompt.Play();
        if (_words.RateLimit || atPrompt.RateLimit)
            return Refuse("error: Too many requests, please wait before trying again.");
        if (_words.Hang || _words.Deaf)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
        if (_words.Error is { } message)
            return Fail(message, 1);
        if (atPrompt.Error is { } fault)
            return Fail(fault.Text ?? "simulated error at prompt", fault.Code ?? 1);

        PromptContent content = PromptContent.OfText(prompt);
        string text = Answer.To(content, session);
        foreach (ToolWord tool in _words.Tools)
            text += UseTool(tool);
        text = Answer.Pad(text, _words.Bytes ?? settings.AnswerBytes);
        Stream(text, _words.SleepMs ?? settings.TurnMs);
        session.History.Add(new Exchange(prompt, text));
        if (!content.IsCommand)
            WriteFooter(DateTime.UtcNow - began);
        return true;
    }

    private static bool Refuse(string line)
    {
        StandardError.Line(line);
        return false;
    }

    /// <summary>A process for one prompt ends with a code; one that holds a conversation only has its stderr.</summary>
    private bool Fail(string message, int code)
    {
        if (!arguments.Interactive)
            end.Crash($"error: {message}", code);
        return Refuse($"error: {message}");
    }

    private string UseTool(ToolWord tool)
    {
        bool isTrusted = !tool.Asks || arguments.TrustAllTools || arguments.TrustTools.Contains(tool.Kind);
        StandardError.Line(isTrusted ? $"Using tool: {tool.Kind}" : $"Tool {tool.Kind} needs approval, and no user can be asked");
        return tool.Asks ? $"\nPermission: {(isTrusted ? "trusted" : "denied")}" : "";
    }

    private void Stream(string text, int turnMs)
    {
        string[] codes = HasColours ? ["\u001b[?25l\u001b[38;5;141m", "\u001b[0m", "\u001b[39m\u001b[?25h"] : ["\u001b[?25l", "\u001b[0m", "\u001b[m"];
        Put($"{codes[0]}> {codes[1]}");
        int chunks = Math.Clamp(_words.Chunks ?? settings.Chunks, 1, Math.Max(1, text.Length));
        for (int i = 0; i < chunks; i++)
        {
            if (turnMs > 0)
                Thread.Sleep(turnMs / chunks);
            int from = Answer.Boundary(text, i, chunks);
            Put(text[from..Answer.Boundary(text, i + 1, chunks)]);
            if (i > 0)
                continue;
            if (_words.CrashMidway)
                end.Crash("simulated crash at streaming", KilledExitCode);
            atStreaming.Play();
        }

        Put($"{codes[2]}\n");
    }

    private static void WriteFooter(TimeSpan took, double credits) => StandardError.Line(string.Create(
        CultureInfo.InvariantCulture, $" \u001b[38;5;8m▸ Credits: {credits:0.##} • Time: {Math.Max(1, Math.Round(took.TotalSeconds)):0}s\u001b[0m\n"));

    private void WriteFooter(TimeSpan took) => WriteFooter(took, settings.Credits);

    private void Put(string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        int piece = Math.Max(atPrompt.PieceBytes, atStreaming.PieceBytes);
        while (piece > 0 && bytes.Length > piece)
        {
            write(bytes[..piece]);
            bytes = bytes[piece..];
            Thread.Sleep(1);
        }

        write(bytes);
    }
}
