using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>
/// One permission request of an agent, from its arrival to its single answer. It asks whether a tool may be used, whether
/// the changes of a turn may stay, or it is a question to the user. Trust never answers a question to the user.
/// </summary>
internal sealed class AcpQuestion
{
    private const string UserInput = "user_input";
    private const string TurnApproval = "turn_approval";
    public const int LongestInput = 64 * 1024;

    private readonly AcpTurn _turn;
    private readonly PermissionQuestion _question;
    private readonly AgentDialect _dialect;
    private readonly PermissionRequest _request;

    private AcpQuestion(AcpTurn turn, PermissionQuestion question, AgentDialect dialect)
    {
        (_turn, _question, _dialect) = (turn, question, dialect);
        _request = Describe();
    }

    /// <summary>
    /// Returns the immediate answer; null if the handler must be asked. Without a running turn the answer is
    /// <c>cancelled</c>.
    /// </summary>
    /// <param name="turn">The running turn; null for none.</param>
    /// <param name="question">The request of the agent.</param>
    /// <param name="dialect">The names of its options.</param>
    /// <param name="open">The question for the handler, if the answer is null.</param>
    public static PermissionOutcome? AnswerNow(AcpTurn? turn, PermissionQuestion question, AgentDialect dialect, out AcpQuestion? open)
    {
        open = null;
        if (turn is null)
            return PermissionOutcome.Cancelled;
        var asked = new AcpQuestion(turn, question, dialect);
        if (asked.DecideNow() is { } verdict)
            return asked.Answer(verdict);
        open = asked;
        return null;
    }

    /// <summary>Asks the handler. An answer after the end or cancel of the turn approves nothing.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="withdrawn">Cancelled when the agent cancels its request.</param>
    public async Task<PermissionOutcome> AskAsync(TimeProvider time, CancellationToken withdrawn)
    {
        if (_turn.BeginAsking() is not { } end)
            return Answer(default);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end, withdrawn);
        try
        {
            (Verdict verdict, bool always) = await _turn.Permissions.AskAsync(_request, time, over.Token).ConfigureAwait(false);
            PermissionOutcome answer = Answer(verdict);
            if (always && !_request.IsQuestion && answer.OptionId is { } chosen && chosen == Option("allow_once"))
                _turn.Permissions.Remember(_request);
            return answer;
        }
        catch (OperationCanceledException) when (withdrawn.IsCancellationRequested && !end.IsCancellationRequested)
        {
            _turn.TryNote(_question, "Cancelled", "Agent");
            return PermissionOutcome.Cancelled;
        }
        catch (OperationCanceledException)
        {
            return Answer(default);
        }
        finally
        {
            _turn.EndAsking();
        }
    }

    private bool IsTurnApproval =>
        _question.ToolCall?.ToolCallId?.StartsWith(TurnApproval + "_", StringComparison.Ordinal) == true || Kiro("type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals(TurnApproval);

    /// <summary>The decision without the handler; null if the handler must be asked.</summary>
    private Verdict? DecideNow() => IsTurnApproval ? _turn.Permissions.DecideNow(Writes()) : _turn.Permissions.DecideNow(_request);

    /// <summary>
    /// Makes the answer of a timely verdict, always for this one use. Without an option to reject, or after the turn, the
    /// answer is <c>cancelled</c>, which may end the turn.
    /// </summary>
    private PermissionOutcome Answer(Verdict verdict)
    {
        string? allow = !verdict.Allows ? null : _request.IsQuestion ? Named(_request.Answer) : Option("allow_once");
        string? option = allow ?? (_request.IsQuestion ? null : Option("reject_once") ?? Option("reject_always"));
        string permission = allow is not null ? "Allowed" : option is not null ? "Rejected" : "Cancelled";
        bool inTime = _turn.TryNote(_question, permission, verdict.Allows && allow is null ? "NotOffered" : verdict.By ?? "Nobody");
        return inTime && option is not null ? PermissionOutcome.Selected(option) : PermissionOutcome.Cancelled;
    }

    /// <summary>The request for a permission handler: values of the question, completed by the earlier tool call.</summary>
    private PermissionRequest Describe()
    {
        ToolCallMessage asked = _question.ToolCall ?? new ToolCallMessage();
        ToolCall? known = _turn.Find(asked.ToolCallId);
        string title = asked.Title ?? known?.Title ?? "";
        string kind = Kind(asked.Kind) ?? Kind(known?.Kind) ?? (IsTurnApproval ? "edit" : AcpToolName.KindOf(_question.Meta)) ?? "other";
        string? name = AcpToolName.Of(asked, title, kind, _question.Meta) ?? known?.Name;
        bool isQuestion = name == UserInput || !(_question.Options ?? []).Any(Rejects);
        return new PermissionRequest
        {
            SessionId = _question.SessionId ?? "",
            ToolCallId = asked.ToolCallId ?? "",
            Title = title,
            Kind = kind,
            ToolName = name,
            Locations = IsTurnApproval ? [.. Files().Select(f => f.Path).OfType<string>()] : asked.Locations is { } locations ? TurnTools.Paths(locations) : known?.Locations ?? [],
            Input = InputOf(asked) ?? known?.Input,
            IsQuestion = isQuestion,
            Options = isQuestion ? [.. (_question.Options ?? []).Select(o => o.Caption).OfType<string>()] : [],
        };
    }

    /// <summary>The input of the tool; null if the agent does not send it.</summary>
    public static string? InputOf(ToolCallMessage call)
    {
        if (call.RawInput.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        string text = call.RawInput.GetRawText();
        return text[..TerminalText.CutAt(text, LongestInput)];
    }

    /// <summary>One request for each change of the turn. A file without a known tool call stands for any tool.</summary>
    private PermissionRequest[] Writes()
    {
        IReadOnlyList<ToolCall> writes = _turn.Writes;
        IEnumerable<PermissionRequest> unknown = Files().Where(f => !writes.Any(w => w.Id == f.ToolCallId))
            .Select(f => Request(_turn.Find(f.ToolCallId) ?? new ToolCall { Id = f.ToolCallId ?? "" }));
        PermissionRequest[] all = [.. writes.Select(Request), .. unknown];
        return all.Length > 0 ? all : [_request];
    }

    private PermissionRequest Request(ToolCall call) => new()
    {
        SessionId = _request.SessionId,
        ToolCallId = call.Id,
        Title = call.Title,
        Kind = call.Kind,
        ToolName = call.Name,
        Locations = call.Locations,
    };

    private List<(string? Path, string? ToolCallId)> Files()
    {
        var files = new List<(string?, string?)>();
        if (Kiro("files") is { ValueKind: JsonValueKind.Array } array)
        {
            foreach (JsonElement file in array.EnumerateArray().Where(f => f.ValueKind == JsonValueKind.Object))
                files.Add((Text(file, "path"), Text(file, "toolCallId")));
        }

        return files;
    }

    private JsonElement Kiro(string name) =>
        _question.Meta.ValueKind == JsonValueKind.Object && _question.Meta.TryGetProperty("kiro", out JsonElement kiro) && kiro.ValueKind == JsonValueKind.Object && kiro.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Kind(string? kind) => kind == "other" ? null : kind;

    private bool Rejects(PermissionOption option) =>
        option.Kind is { } kind ? kind.StartsWith("reject", StringComparison.Ordinal) : option.Key == _dialect.OptionId("reject_once") || option.Key == _dialect.OptionId("reject_always");

    /// <summary>The option of a kind. Where the agent gives no kinds, the id decides.</summary>
    private string? Option(string kind) => _question.Options?.FirstOrDefault(o => o.Kind is null ? o.Key == _dialect.OptionId(kind) : o.Kind == kind)?.Key;

    /// <summary>The option that the handler chose by its name.</summary>
    private string? Named(string? answer) => answer is null ? null
        : (_question.Options?.FirstOrDefault(o => o.Caption == answer)
            ?? _question.Options?.FirstOrDefault(o => string.Equals(o.Caption, answer, StringComparison.OrdinalIgnoreCase))
            ?? _question.Options?.FirstOrDefault(o => o.Key == answer))?.Key;
}
