using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace KiroPool.Benchmarks.Agents;

/// <summary>
/// An agent that answers at once and costs next to nothing: it looks for a few words in each line and writes prepared
/// frames, one write per frame, as kiro-cli v2 does (modes and models with each session, metadata before each response).
/// The faithful simulator would take longer than the measured code.
/// </summary>
internal static class InstantAgent
{
    /// <summary>The argument that makes this program the agent.</summary>
    public const string Role = "instant-agent";

    private const string NewSession =
        """
        "modes":{"currentModeId":"kiro_default","availableModes":[{"id":"kiro_default","name":"kiro_default"},{"id":"kiro_planner","name":"kiro_planner"}]},"models":{"currentModelId":"auto","availableModels":[{"modelId":"auto","name":"Auto"},{"modelId":"claude-opus-4.5","name":"Claude Opus 4.5"},{"modelId":"claude-sonnet-4.5","name":"Claude Sonnet 4.5"},{"modelId":"claude-haiku-4.5","name":"Claude Haiku 4.5"}]}
        """;

    private const string Initialize =
        """
        "protocolVersion":1,"agentCapabilities":{"loadSession":true,"promptCapabilities":{"image":true,"audio":false,"embeddedContext":false},"sessionCapabilities":{"close":{}}},"agentInfo":{"name":"instant","version":"1.0.0"},"authMethods":[]
        """;

    private static readonly Stream Output = Console.OpenStandardOutput();
    private static readonly Dictionary<TurnShape, byte[][]> Texts = [];
    private static byte[] _frame = new byte[4096];
    private static int _length;
    private static int _sessions;

    public static void Run()
    {
        using Stream input = Console.OpenStandardInput();
        var lines = new BareLines(input);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
            Answer(line);
    }

    private static void Answer(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("\"session/prompt\""u8) >= 0)
            AnswerPrompt(line);
        else if (line.IndexOf("\"session/new\""u8) >= 0)
            Respond(line, $"\"sessionId\":\"session-{++_sessions:00000000}\",{NewSession}");
        else if (line.IndexOf("\"initialize\""u8) >= 0)
            Respond(line, Initialize);
        else if (line.IndexOf("\"session/close\""u8) >= 0)
            Respond(line, "");
    }

    private static void AnswerPrompt(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> session = BareLines.StringAfter(line, "\"sessionId\":\""u8);
        foreach (byte[] text in TextsOf(line))
        {
            Begin("{\"jsonrpc\":\"2.0\",\"method\":\"session/update\",\"params\":{\"sessionId\":\""u8);
            Add(session);
            Add("\",\"update\":{\"sessionUpdate\":\"agent_message_chunk\",\"content\":{\"type\":\"text\",\"text\":\""u8);
            Add(text);
            Send("\"}}}}\n"u8);
        }

        Begin("{\"jsonrpc\":\"2.0\",\"method\":\"_kiro.dev/metadata\",\"params\":{\"sessionId\":\""u8);
        Add(session);
        Send("\",\"contextUsagePercentage\":1.5,\"meteringUsage\":[{\"value\":0.05,\"unit\":\"credit\"}],\"turnDurationMs\":1}}\n"u8);
        Respond(line, "\"stopReason\":\"end_turn\"");
    }

    private static byte[][] TextsOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> prompt = BareLines.StringAfter(line, "\"text\":\""u8);
        if (JsonAnswer.For(prompt) is { } json)
            return [json];
        int word = prompt.IndexOf(" chunks "u8);
        if (word < 0 || !Utf8Parser.TryParse(prompt[..word], out int chunks, out _) || chunks == 0)
            return [];
        _ = Utf8Parser.TryParse(prompt[(word + " chunks ".Length)..], out int bytes, out _);
        var shape = new TurnShape(chunks, bytes);
        if (!Texts.TryGetValue(shape, out byte[][]? texts))
            Texts.Add(shape, texts = [.. Enumerable.Range(0, chunks).Select(i => Prose(bytes * (i + 1) / chunks - (bytes * i / chunks)))]);
        return texts;
    }

    /// <summary>Text with the line ends and quotes of an ordinary answer, as JSON.</summary>
    private static byte[] Prose(int bytes)
    {
        const string Sentence = "The pool keeps \\\"warm\\\" agents; a turn costs what the agent takes, and little more.\\n";
        var text = new StringBuilder(bytes + Sentence.Length);
        while (text.Length < bytes)
            text.Append(text.Length + Sentence.Length <= bytes ? Sentence : new string('x', bytes - text.Length));
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Respond(ReadOnlySpan<byte> request, string result)
    {
        Begin("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        Add(Encoding.ASCII.GetBytes(BareLines.NumberAfter(request, "\"id\":"u8).ToString(CultureInfo.InvariantCulture)));
        Add(",\"result\":{"u8);
        Add(Encoding.ASCII.GetBytes(result));
        Send("}}\n"u8);
    }

    private static void Begin(ReadOnlySpan<byte> bytes)
    {
        _length = 0;
        Add(bytes);
    }

    private static void Add(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _frame.Length)
            Array.Resize(ref _frame, 2 * (_length + bytes.Length));
        bytes.CopyTo(_frame.AsSpan(_length));
        _length += bytes.Length;
    }

    private static void Send(ReadOnlySpan<byte> end)
    {
        Add(end);
        Output.Write(_frame, 0, _length);
    }
}
