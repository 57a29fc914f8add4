using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The output of an agent in one turn. The reader of the connection fills it. The caller copies it, even before the end of
/// a cancelled turn. Updates are delivered under the lock, so that none follows the result.
/// </summary>
internal sealed class AcpTurn(Action<PromptUpdate>? onUpdate, PermissionDesk permissions, TimeProvider time)
{
    // No turn lasts a day or longer.
    private const double MostMilliseconds = 1e8;

    private readonly object _gate = new();
    private readonly TextBuffer _text = new();
    private List<ToolCall>? _toolCalls;
    private List<AnswerBlock>? _blocks;
    private readonly long _sentAt = time.GetTimestamp();
    private TimeSpan? _timeToFirstText;
    private decimal? _credits;
    private double? _contextPercent;
    private bool _hasLeftTraces;
    private TimeSpan? _agentTime;
    private bool _sealed;
    private bool _cancelling;
    private int _openQuestions;
    private long _answeredAt;
    private CancellationTokenSource? _questionsEnd;

    /// <summary>The decisions on tools.</summary>
    public PermissionDesk Permissions => permissions;

    /// <summary>The last time a permission was pending, as a timestamp. During that time the agent does not count as silent.</summary>
    public long LastSignAt => Volatile.Read(ref _openQuestions) > 0 ? time.GetTimestamp() : Volatile.Read(ref _answeredAt);

    /// <summary>The reason for throttling, which Kiro sends in its own notification.</summary>
    public string? RateLimitMessage { get; set; }

    /// <summary>Whether the turn was throttled without any text. Even without an error, this is not an answer.</summary>
    public bool WasThrottledToSilence
    {
        get
        {
            lock (_gate)
                return RateLimitMessage is not null && !_hasLeftTraces;
        }
    }

    /// <summary>Whether its response has arrived.</summary>
    public bool IsSealed
    {
        get
        {
            lock (_gate)
                return _sealed;
        }
    }

    /// <summary>Marks the arrival of the response. Later updates belong to no prompt.</summary>
    public void Seal()
    {
        lock (_gate)
            _sealed = true;
        _ = _questionsEnd?.CancelAsync();
    }

    /// <summary>Marks the turn as being cancelled. Open and later questions are answered with <c>cancelled</c>.</summary>
    public void BeginCancel()
    {
        lock (_gate)
            _cancelling = true;
        _ = _questionsEnd?.CancelAsync();
    }

    /// <summary>Adds a piece of the answer. The reader is at its text.</summary>
    public void AddText(ref Utf8JsonReader text)
    {
        lock (_gate)
        {
            // Text after the cancel belongs to no answer.
            if (_sealed || _cancelling)
                return;
            _hasLeftTraces = true;
            int before = _text.Length;
            JsonText.AppendTo(_text, ref text);
            if (_text.Length > before)
                _timeToFirstText ??= time.GetElapsedTime(_sentAt);
            onUpdate?.Invoke(PromptUpdate.ForText(_text.ToString(before)));
        }
    }

    /// <summary>Adds a block of the answer that is not text.</summary>
    public void AddBlock(AnswerBlock block)
    {
        lock (_gate)
        {
            if (_sealed || _cancelling)
                return;
            _hasLeftTraces = true;
            (_blocks ??= []).Add(block);
            onUpdate?.Invoke(PromptUpdate.ForContent(block));
        }
    }

    /// <summary>A part of the answer came and could not be kept: what is left must not pass for the whole.</summary>
    public void Lose(AgentException lost)
    {
        lock (_gate)
        {
            if (_sealed || _cancelling)
                return;
            _hasLeftTraces = true;
            Lost ??= lost;
        }
    }

    /// <summary>Why the answer is not whole; null when nothing of it was lost.</summary>
    public AgentException? Lost { get; private set; }

    public void AddThought(ref Utf8JsonReader text)
    {
        lock (_gate)
        {
            if (_sealed || _cancelling)
                return;
            _hasLeftTraces = true;
            if (onUpdate is null)
                return;
            var piece = new TextBuffer();
            JsonText.AppendTo(piece, ref text);
            onUpdate(PromptUpdate.ForThought(piece.Take()));
        }
    }

    /// <summary>The request for a permission handler: values of the question, completed by the earlier tool call.</summary>
    public PermissionRequest Describe(PermissionQuestion question)
    {
        ToolCallMessage asked = question.ToolCall ?? new ToolCallMessage();
        lock (_gate)
        {
            ToolCall? known = _toolCalls?.Find(c => c.Id == asked.ToolCallId);
            string title = asked.Title ?? known?.Title ?? "";
            string kind = asked.Kind ?? known?.Kind ?? "other";
            return new PermissionRequest
            {
                SessionId = question.SessionId ?? "",
                ToolCallId = asked.ToolCallId ?? "",
                Title = title,
                Kind = kind,
                ToolName = AcpQuestion.NameOf(asked, title, kind),
                Locations = asked.Locations is { } locations ? Paths(locations) : known?.Locations ?? [],
                Input = AcpQuestion.InputOf(asked) ?? known?.Input,
            };
        }
    }

    /// <summary>
    /// Makes the answer of a timely verdict, always for this one use. Without an option to reject, or after the turn, the
    /// answer is <c>cancelled</c>, which may end the turn.
    /// </summary>
    public PermissionOutcome Decide(PermissionQuestion question, Verdict verdict)
    {
        lock (_gate)
        {
            if (_sealed || _cancelling)
            {
                Note(question, "Cancelled", "Turn");
                return PermissionOutcome.Cancelled;
            }

            string? allow = verdict.Allows ? question.Option("allow_once") : null;
            string? option = allow ?? question.Option("reject_once") ?? question.Option("reject_always");
            Note(question, allow is not null ? "Allowed" : option is not null ? "Rejected" : "Cancelled", verdict.Allows && allow is null ? "NotOffered" : verdict.By);
            return option is null ? PermissionOutcome.Cancelled : PermissionOutcome.Selected(option);
        }
    }

    /// <summary>Asks the handler. An answer after the end or cancel of the turn approves nothing.</summary>
    public async Task<PermissionOutcome> AskAsync(PermissionQuestion question, PermissionRequest request)
    {
        CancellationToken end;
        lock (_gate)
        {
            if (_sealed || _cancelling)
                return Decide(question, default);
            end = (_questionsEnd ??= new CancellationTokenSource()).Token;
            _openQuestions++;
        }

        try
        {
            (Verdict verdict, bool always) = await permissions.AskAsync(request, time, end).ConfigureAwait(false);
            PermissionOutcome answer = Decide(question, verdict);
            if (always && answer.OptionId is { } chosen && chosen == question.Option("allow_once"))
                permissions.Remember(request);
            return answer;
        }
        catch (OperationCanceledException)
        {
            return Decide(question, default);
        }
        finally
        {
            lock (_gate)
            {
                _answeredAt = time.GetTimestamp();
                _openQuestions--;
            }
        }
    }

    public void Apply(PlanMessage plan)
    {
        lock (_gate)
        {
            if (_sealed)
                return;
            _hasLeftTraces = true;
            onUpdate?.Invoke(PromptUpdate.ForPlan([.. (plan.Entries ?? []).Select(e => new PlanStep { Content = e.Content ?? "", Priority = e.Priority ?? "medium", Status = e.Status ?? "pending" })]));
        }
    }

    /// <summary>Records a change of the mode during the turn.</summary>
    public void ModeChanged(string mode)
    {
        lock (_gate)
        {
            if (!_sealed)
                onUpdate?.Invoke(PromptUpdate.ForMode(mode));
        }
    }

    private void Note(PermissionQuestion question, string permission, string by)
    {
        if (question.ToolCall is { } call)
            Apply(call, permission, by);
    }

    private static string[] Paths(IReadOnlyList<ToolCallLocation> locations) => [.. locations.Where(l => l.Path is not null).Select(l => l.Path!)];

    /// <summary>Applies a tool_call or tool_call_update. Only its members have changed.</summary>
    public void Apply(ToolCallMessage message, string? permission = null, string? decidedBy = null)
    {
        if (message.ToolCallId is not { } id)
            return;
        lock (_gate)
        {
            if (_sealed)
                return;
            _hasLeftTraces = true;
            ToolCall? call = _toolCalls?.Find(c => c.Id == id);
            if (call is null)
                (_toolCalls ??= []).Add(call = new ToolCall { Id = id });
            call.Title = message.Title ?? call.Title;
            call.Kind = message.Kind ?? call.Kind;
            call.Status = message.Status ?? call.Status;
            if (message.Locations is { } locations)
                call.Locations = Paths(locations);
            if (permissions.HasHandler)
                call.Input = AcpQuestion.InputOf(message) ?? call.Input;
            (call.Permission, call.DecidedBy) = permission is null ? (call.Permission, call.DecidedBy) : (permission, decidedBy);

            onUpdate?.Invoke(PromptUpdate.ForToolCall(call.Copy()));
        }
    }

    public void Apply(KiroMetadata metadata)
    {
        lock (_gate)
        {
            if (_sealed)
                return;
            _agentTime = metadata.TurnDurationMs is >= 0 and <= MostMilliseconds and var ms ? TimeSpan.FromMilliseconds(ms) : _agentTime;
            _contextPercent = metadata.ContextPercent ?? _contextPercent;
            if (metadata.Credits is { } credits)
                _credits = (_credits ?? 0) + credits;
            if (metadata.ContextPercent is { } percent)
                onUpdate?.Invoke(PromptUpdate.ForUsage(percent));
        }
    }

    public void Apply(UsageMessage usage)
    {
        if (usage is { Used: { } used, Size: > 0 and var size })
        {
            lock (_gate)
            {
                if (_sealed)
                    return;
                _contextPercent = 100 * used / size;
                onUpdate?.Invoke(PromptUpdate.ForUsage(_contextPercent));
            }
        }
    }

    /// <summary>Settles the turn once. Later updates belong to no prompt.</summary>
    public TurnResult Close(PromptOutcome outcome, AgentException? failure, string? stopReason = null, bool mayHaveBeenSeen = true)
    {
        Seal();
        lock (_gate)
        {
            return new TurnResult
            {
                Outcome = outcome,
                Failure = failure,
                StopReason = stopReason,
                MayHaveBeenSeen = mayHaveBeenSeen,
                HasLeftTraces = _hasLeftTraces,
                Text = _text.Take(),
                Content = _blocks ?? [],
                ToolCalls = _toolCalls is null ? [] : [.. _toolCalls.Select(c => c.Copy())],
                Credits = _credits,
                AgentTime = _agentTime,
                ContextPercent = _contextPercent,
                TimeToFirstText = _timeToFirstText,
            };
        }
    }
}
