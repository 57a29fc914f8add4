using System.Diagnostics;

namespace KiroPool.Simulator;

/// <summary>One prompt of <c>chat --output-format stream-json</c>: the events of a turn, as an ACP client would get them.</summary>
internal sealed class StreamJsonTurn(
    SimulatorSettings settings,
    ChatArguments arguments,
    AcpSession session,
    string prompt,
    string engine,
    TextFaults atPrompt,
    TextFaults atStreaming,
    ProcessEnd end,
    StreamJson output)
{
    private const int KilledExitCode = 137;

    private readonly PromptWords _words = PromptWords.Parse(prompt);
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <returns>Why it failed; null when it did not.</returns>
    public string? Run()
    {
        if (_words.Crash)
            end.Crash("simulated crash at prompt", KilledExitCode);
        atPrompt.Play();
        if (_words.RateLimit || atPrompt.RateLimit)
            return "Too many requests, please wait before trying again.";
        if (_words.Hang || _words.Deaf)
            Thread.Sleep(ProcessEnd.StubbornnessLimit);
        if (_words.Failure is { } failure)
            return failure.Text;
        if (_words.Error is { } message)
            return message;
        if (atPrompt.Error is { } fault)
            return fault.Text ?? "simulated error at prompt";

        if (engine == "v3")
            Info("turn_start", static _ => { });
        else
            output.Metadata(session.Id, 0.5, credits: null, ms: 0);
        string text = Answer.To(PromptContent.OfText(prompt), session);
        foreach (ToolWord tool in _words.Tools)
            text += UseTool(tool);
        text = Answer.Pad(text, _words.Bytes ?? settings.AnswerBytes);
        Stream(text, _words.SleepMs ?? settings.TurnMs);
        Meter();
        output.RunFinished(session.Id, _words.Refuse ? "refusal" : "end_turn", text);
        return null;
    }

    private string UseTool(ToolWord tool)
    {
        bool isTrusted = !tool.Asks || arguments.TrustAllTools || arguments.TrustTools.Contains(tool.Kind);
        output.Update(session.Id, json =>
        {
            json.WriteString("sessionUpdate"u8, "tool_call"u8);
            json.WriteString("toolCallId"u8, $"tooluse_{Guid.NewGuid():N}");
            json.WriteString("title"u8, $"Simulated {tool.Kind}");
            json.WriteString("kind"u8, tool.Kind);
            json.WriteString("status"u8, isTrusted ? "completed"u8 : "failed"u8);
        });
        return tool.Asks ? $"\nPermission: {(isTrusted ? "trusted" : "denied")}" : "";
    }

    private void Stream(string text, int turnMs)
    {
        int chunks = Math.Clamp(_words.Chunks ?? settings.Chunks, 1, Math.Max(1, text.Length));
        for (int i = 0; i < chunks; i++)
        {
            if (turnMs > 0)
                Thread.Sleep(turnMs / chunks);
            int from = Answer.Boundary(text, i, chunks);
            int to = Answer.Boundary(text, i + 1, chunks);
            if (to > from)
                output.Chunk(session.Id, text[from..to]);
            if (i > 0)
                continue;
            output.Noise("[INFO] [KRS] <-- GenerateAssistantResponseCommand done");
            if (_words.CrashMidway)
                end.Crash("simulated crash at streaming", KilledExitCode);
            atStreaming.Play();
        }
    }

    private void Meter()
    {
        long ms = (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds;
        if (engine != "v3")
        {
            output.Metadata(session.Id, settings.ContextPercentPerPrompt, settings.Credits, ms);
            return;
        }

        Info("context_usage", json => json.WriteNumber("usagePercentage"u8, settings.ContextPercentPerPrompt));
        Info("turn_completion", json =>
        {
            json.WriteStartArray("promptTurnSummaries"u8);
            json.WriteStartObject();
            json.WriteString("unit"u8, "credit"u8);
            json.WriteNumber("usage"u8, settings.Credits);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteNumber("elapsedTime"u8, ms);
            json.WriteString("status"u8, "success"u8);
        });
    }

    private void Info(string kind, FrameBody properties) => output.Update(session.Id, json =>
    {
        json.WriteString("sessionUpdate"u8, "session_info_update"u8);
        json.WriteKiroMeta(kiro =>
        {
            properties(kiro);
            kiro.WriteString("kind"u8, kind);
        });
    });
}
