using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>
/// What an agent has said so far in one turn. The connection's reader fills it; whoever waits for the turn takes a copy,
/// also in the middle, when it was cancelled. Listeners are told under the lock, so that nothing is said after the result.
/// </summary>
internal sealed class AcpTurn(Action<PromptUpdate>? onUpdate, PermissionDesk permissions, TimeProvider time)
{
    // A day and more is no duration of a turn.
    private const double MostMilliseconds = 1e8;

    private readonly object _gate = new();
    private readonly TextBuffer _text = new();
    private List<ToolCall>? _toolCalls;
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

    /// <summary>Who decides which tools may be used.</summary>
    public PermissionDesk Permissions => permissions;

    /// <summary>While a person thinks about a permission it is not the agent that is silent: when that last was, as a timestamp.</summary>
    public long LastSignAt => Volatile.Read(ref _openQuestions) > 0 ? time.GetTimestamp() : Volatile.Read(ref _answeredAt);

    /// <summary>Kiro says why it throttles in a notification of its own.</summary>
    public string? RateLimitMessage { get; set; }

    /// <summary>Throttled, and nothing was said: an end without an error does not make that an answer.</summary>
    public bool WasThrottledToSilence
    {
        get
        {
            lock (_gate)
                return RateLimitMessage is not null && !_hasLeftTraces;
        }
    }

    /// <summary>Whether its response is there.</summary>
    public bool IsSealed
    {
        get
        {
            lock (_gate)
                return _sealed;
        }
    }

    /// <summary>The response is there: what comes later belongs to no prompt.</summary>
    public void Seal()
    {
        lock (_gate)
            _sealed = true;
        _ = _questionsEnd?.CancelAsync();
    }

    /// <summary>Somebody wants the turn to end: what is asked, and what will be asked, is answered with <c>cancelled</c>.</summary>
    public void BeginCancel()
    {
        lock (_gate)
            _cancelling = true;
        _ = _questionsEnd?.CancelAsync();
    }

    /// <summary>Adds a piece of the answer; the reader stands at its text.</summary>
    public void AddText(ref Utf8JsonReader text)
    {
        lock (_gate)
        {
            // What is said after the cancel belongs to no answer, however quick the agent is.
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

    /// <summary>What a permission handler is told: what the question says, and for the rest what the tool call said before.</summary>
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
    /// Makes the answer of a verdict, if it comes in time. Only "this once" is ever answered. Without a way to reject, or
    /// when the turn is over, the answer is <c>cancelled</c>, which may end the turn.
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

    /// <summary>Asks the handler. An answer that comes after the turn is over, or is being cancelled, approves nothing.</summary>
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

    /// <summary>The agent went over to another mode during the turn.</summary>
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

    /// <summary>Takes a tool_call or tool_call_update: only what it names has changed.</summary>
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

    /// <summary>Ends the turn, once: what comes later belongs to no prompt.</summary>
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
                ToolCalls = _toolCalls is null ? [] : [.. _toolCalls.Select(c => c.Copy())],
                Credits = _credits,
                AgentTime = _agentTime,
                ContextPercent = _contextPercent,
                TimeToFirstText = _timeToFirstText,
            };
        }
    }
}
