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
    private readonly object _gate = new();
    private readonly TextBuffer _text = new();
    private readonly TurnTools _tools = new(permissions);
    private List<AnswerBlock>? _blocks;
    private readonly long _sentAt = time.GetTimestamp();
    private TimeSpan? _timeToFirstText;
    private TurnMeter _meter = TurnMeter.None;
    private bool _hasLeftTraces;
    private bool _sealed;
    private bool _cancelling;
    private int _openQuestions;
    private long _answeredAt;
    private CancellationTokenSource? _questionsEnd;

    /// <summary>The decisions on tools.</summary>
    public PermissionDesk Permissions => permissions;

    /// <summary>Answers questions to the user; null without a user.</summary>
    public Func<FormRequest, CancellationToken, Task<FormAnswer>>? FormHandler { get; init; }

    /// <summary>The last time a permission was pending, as a timestamp. During that time the agent does not count as silent.</summary>
    public long LastSignAt => Volatile.Read(ref _openQuestions) > 0 ? time.GetTimestamp() : Volatile.Read(ref _answeredAt);

    /// <summary>The reason for throttling, which Kiro sends in its own notification.</summary>
    public string? RateLimitMessage { get; set; }

    /// <summary>The error that the agent displayed to the user, with or without an answer.</summary>
    public AgentError? ShownError { get; private set; }

    /// <summary>Whether the agent reported that the turn failed.</summary>
    public bool SaysFailed { get; private set; }

    /// <summary>Whether the agent has sent any part of an answer.</summary>
    public bool HasAnswer
    {
        get
        {
            lock (_gate)
                return _text.Length > 0 || _blocks is not null;
        }
    }

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

    /// <summary>The known tool call with an id; null for none.</summary>
    public ToolCall? Find(string? id)
    {
        lock (_gate)
            return _tools.Find(id);
    }

    /// <summary>The tool calls of the turn that change files, except rejected ones.</summary>
    public IReadOnlyList<ToolCall> Writes
    {
        get
        {
            lock (_gate)
                return _tools.Writes;
        }
    }

    /// <summary>Records the answer to a permission request. After the end or cancel of the turn it is recorded as cancelled.</summary>
    /// <returns>Whether the turn still runs.</returns>
    public bool TryNote(PermissionQuestion question, string permission, string by)
    {
        lock (_gate)
        {
            bool isOver = _sealed || _cancelling;
            if (question.ToolCall is { } call)
                Apply(call, isOver ? "Cancelled" : permission, isOver ? "Turn" : by);
            return !isOver;
        }
    }

    /// <summary>Starts the wait for a handler, which ends with <see cref="EndAsking"/>; null after the end of the turn.</summary>
    public CancellationToken? BeginAsking()
    {
        lock (_gate)
        {
            if (_sealed || _cancelling)
                return null;
            _openQuestions++;
            return (_questionsEnd ??= new CancellationTokenSource()).Token;
        }
    }

    public void EndAsking()
    {
        lock (_gate)
        {
            _answeredAt = time.GetTimestamp();
            _openQuestions--;
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
            ToolCall call = _tools.Apply(id, message, permission, decidedBy);
            onUpdate?.Invoke(PromptUpdate.ForToolCall(call.Copy()));
        }
    }

    public void Apply(KiroMetadata metadata)
    {
        lock (_gate)
            Apply(metadata.ToMeter(_meter.Credits));
    }

    /// <summary>Applies reported costs. Reports after the response do not belong to the turn.</summary>
    public void Apply(TurnMeter meter)
    {
        lock (_gate)
        {
            if (_sealed)
                return;
            _meter = _meter.With(meter);
            if (meter.ContextPercent is { } percent)
                onUpdate?.Invoke(PromptUpdate.ForUsage(percent));
        }
    }

    public void Apply(KiroSessionInfo info)
    {
        if (info.ToMeter() is { } meter)
            Apply(meter);
        lock (_gate)
        {
            if (_sealed)
                return;
            ShownError = info.ToError() ?? ShownError;
            SaysFailed |= info.SaysFailed;
        }
    }

    /// <summary>Settles the turn once. Later updates belong to no prompt.</summary>
    public TurnResult Close(PromptOutcome outcome, AgentException? failure, string? stopReason = null, bool mayHaveBeenSeen = true, string? structuredOutput = null)
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
                ToolCalls = _tools.Copy(),
                Meter = _meter,
                TimeToFirstText = _timeToFirstText,
                StructuredOutput = structuredOutput,
            };
        }
    }
}
