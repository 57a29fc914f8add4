using System.Text;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>
/// An answer in kiro-cli's <c>stream-json</c>: one event per line, with type and data. Other lines are kept for the text of a
/// failure. Events of an unknown type are ignored.
/// </summary>
internal sealed class StreamJsonAnswer : IChatAnswer
{
    private const int MostNoise = 8192;

    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _noise = new();
    private readonly List<ToolCall> _tools = [];
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private AgentError? _shown;
    private TurnMeter _meter = TurnMeter.None;
    private (string Stage, string Message)? _error;
    private RunFinished? _finished;

    public string Text => _text.ToString();

    public string RawText => _raw.ToString();

    public string? SessionId { get; private set; }

    public KiroEngine? Engine { get; private set; }

    public bool WaitsForLogin { get; private set; }

    public string Append(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, chars, flush: false);
        int before = _text.Length;
        ReadOnlySpan<char> rest = chars;
        _raw.Append(rest);
        for (int end; (end = rest.IndexOf('\n')) >= 0; rest = rest[(end + 1)..])
        {
            _line.Append(rest[..end]);
            TakeLine();
        }

        _line.Append(rest);

        // The process waits after these words, maybe without a line feed.
        WaitsForLogin |= _line.Length > 0 && _line[0] != '{' && KnownFailure.IsDeviceLogin(_line.ToString());
        return _text.ToString(before, _text.Length - before);
    }

    public string Complete()
    {
        string told = _text.ToString();
        TakeLine();

        // The chunks are the answer. The final text shows whether one was lost.
        if (_finished is { Text: { Length: > 0 } final, IsCut: false } && !_text.ToString().Contains(final, StringComparison.Ordinal))
            _text.Clear().Append(final);
        string text = _text.ToString();
        return text.StartsWith(told, StringComparison.Ordinal) ? text[told.Length..] : "";
    }

    public TurnResult Judge(ChatEnd end)
    {
        end = end with { ErrorText = $"{_noise}{end.ErrorText}".Trim() };
        AgentException? failure = Failure(end);
        TurnResult judged = failure is null ? end.Judge() : end.Refuse(failure);

        // The process reports success itself. Only the exit code shows a crash.
        bool isDone = failure is null && _finished is not null && !end.IsCrash && end.ExitCode == 0;
        return judged with
        {
            Outcome = isDone ? PromptOutcome.Completed : judged.Outcome,
            Failure = isDone ? null : judged.Failure,
            StopReason = isDone ? _finished!.StopReason ?? "end_turn" : null,
            HasLeftTraces = judged.HasLeftTraces || _tools.Count > 0,
            ToolCalls = _tools,
            Meter = _meter,
        };
    }

    private AgentException? Failure(ChatEnd end)
    {
        if (end.IsCrash)
            return null;
        if (WaitsForLogin)
            return KiroSignIn.WaitsForPerson();
        if (_error is { } error)
            return Fail(error.Message, OfStage(error.Stage, end.ExitCode), $" (stage {error.Stage})", end);
        if (_finished is { Status: not ("success" or null) } finished)
            return Fail(_shown?.Text ?? $"it ended with status {finished.Status}", FailureKind.AgentError, "", end);
        if (_finished is not null && _shown is { } shown && _text.Length == 0 && _tools.Count == 0)
            return Fail(shown.Text, KiroV3Dialect.Instance.Classify(shown), "", end);
        return _finished is null && end.ExitCode == 0 && _text.Length > 0
            ? new AgentException(FailureKind.AgentError, $"The agent ended before it had finished its answer. {StderrTail.Quote(end.ErrorText)}")
            : null;
    }

    private static AgentException Fail(string message, FailureKind otherwise, string where, ChatEnd end)
    {
        FailureKind kind = otherwise is FailureKind.AgentError ? KnownFailure.Of(message) ?? otherwise : otherwise;
        object? value = kind == FailureKind.ModelNotFound ? end.Spec.Model : kind == FailureKind.AgentNotFound ? end.Spec.Agent : null;
        string said = end.ErrorText.Length == 0 ? "" : " " + StderrTail.Quote(end.ErrorText);
        return new AgentException(kind, $"The agent failed to answer the prompt{where}: {message}{(message.EndsWith('.') ? "" : ".")}{said}") { Value = value };
    }

    private static FailureKind OfStage(string stage, int exitCode) =>
        stage == "auth" ? FailureKind.SignInRequired
        : stage == "engine" ? FailureKind.NotSupported
        : exitCode == ChatEnd.NoSuchAgent ? FailureKind.AgentNotFound
        : FailureKind.AgentError;

    private void TakeLine()
    {
        string line = _line.ToString().Trim();
        _line.Clear();
        if (line.Length == 0)
            return;
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            if (TextOf(json.RootElement, "type") is { } type && json.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Object)
            {
                Take(type, data);
                return;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A log line, or an event of another shape.
        }

        WaitsForLogin |= KnownFailure.IsDeviceLogin(line);
        if (_noise.Length < MostNoise)
            _noise.Append(line).Append('\n');
    }

    private void Take(string type, JsonElement data)
    {
        SessionId = TextOf(data, "sessionId") ?? SessionId;
        switch (type)
        {
            case "runStarted":
                Engine = TextOf(data, "engine") switch { "v3" => KiroEngine.V3, "v2" => KiroEngine.V2, _ => null };
                break;
            case "sessionUpdate" when data.TryGetProperty("update", out JsonElement update):
                TakeUpdate(update);
                break;
            case "metadata":
                _meter = _meter.With(KiroMetadata.Read(Encoding.UTF8.GetBytes(data.GetRawText())).ToMeter(_meter.Credits));
                break;
            case "runError":
                _error = (TextOf(data, "stage") ?? "unknown", TextOf(data, "message") ?? "no reason given");
                break;
            case "runFinished":
                _finished = new RunFinished(
                    TextOf(data, "status"), TextOf(data, "stopReason"), TextOf(data, "finalText"),
                    data.TryGetProperty("finalTextTruncated", out JsonElement cut) && cut.ValueKind == JsonValueKind.True);
                break;
        }
    }

    private void TakeUpdate(JsonElement update)
    {
        switch (TextOf(update, "sessionUpdate"))
        {
            case "agent_message_chunk" when update.TryGetProperty("content", out JsonElement content):
                _text.Append(TextOf(content, "text"));
                break;
            case "tool_call" or "tool_call_update" when TextOf(update, "toolCallId") is { } id:
                ToolCall? call = _tools.Find(c => c.Id == id);
                if (call is null)
                    _tools.Add(call = new ToolCall { Id = id });
                call.Title = TextOf(update, "title") ?? call.Title;
                call.Kind = TextOf(update, "kind") ?? call.Kind;
                call.Status = TextOf(update, "status") ?? call.Status;
                break;
            case "session_info_update" when KiroSessionInfo.Read(Encoding.UTF8.GetBytes(update.GetRawText())) is { } info:
                _meter = info.ToMeter() is { } meter ? _meter.With(meter) : _meter;
                _shown = info.ToError() ?? _shown;
                break;
        }
    }

    private static string? TextOf(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record RunFinished(string? Status, string? StopReason, string? Text, bool IsCut);
}
