using System.Text;
using System.Text.Json;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Protocols.Acp;

/// <summary>
/// What an agent has said so far in one turn. The connection's reader fills it; whoever waits for the turn takes a copy,
/// also in the middle, when it was cancelled. Listeners are told under the lock, so that nothing is said after the result.
/// </summary>
internal sealed class AcpTurn(Action<PromptUpdate>? onUpdate, TimeProvider time)
{
    // A day and more is no duration of a turn.
    private const double MostMilliseconds = 1e8;

    private readonly object _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<ToolCall> _toolCalls = [];
    private readonly long _sentAt = time.GetTimestamp();
    private TimeSpan? _timeToFirstText;
    private decimal? _credits;
    private double? _contextPercent;
    private bool _hasLeftTraces;
    private TimeSpan? _agentTime;
    private bool _sealed;

    /// <summary>Set when somebody wants the turn to end; from then on permissions are answered with <c>cancelled</c>.</summary>
    public bool IsCancelling { get; set; }

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
    }

    /// <summary>Adds a piece of the answer; the reader stands at its text.</summary>
    public void AddText(ref Utf8JsonReader text)
    {
        lock (_gate)
        {
            if (_sealed)
                return;
            _hasLeftTraces = true;
            int before = _text.Length;
            JsonText.AppendTo(_text, ref text);
            if (_text.Length > before)
                _timeToFirstText ??= time.GetElapsedTime(_sentAt);
            onUpdate?.Invoke(PromptUpdate.ForText(_text.ToString(before, _text.Length - before)));
        }
    }

    public void AddThought(ref Utf8JsonReader text)
    {
        lock (_gate)
        {
            if (_sealed)
                return;
            _hasLeftTraces = true;
            if (onUpdate is null)
                return;
            var piece = new StringBuilder();
            JsonText.AppendTo(piece, ref text);
            onUpdate(PromptUpdate.ForThought(piece.ToString()));
        }
    }

    /// <summary>Takes a tool_call or tool_call_update: only what it names has changed.</summary>
    public void Apply(ToolCallMessage message, string? permission = null)
    {
        if (message.ToolCallId is not { } id)
            return;
        lock (_gate)
        {
            if (_sealed)
                return;
            _hasLeftTraces = true;
            ToolCall? call = _toolCalls.Find(c => c.Id == id);
            if (call is null)
                _toolCalls.Add(call = new ToolCall { Id = id });
            call.Title = message.Title ?? call.Title;
            call.Kind = message.Kind ?? call.Kind;
            call.Status = message.Status ?? call.Status;
            if (message.Locations is { } locations)
                call.Locations = [.. locations.Where(l => l.Path is not null).Select(l => l.Path!)];
            if (permission is not null)
            {
                call.Permission = permission;
                call.DecidedBy = "Policy";
            }

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
            _contextPercent = metadata.ContextUsagePercentage ?? _contextPercent;
            foreach (KiroMetering usage in metadata.MeteringUsage ?? [])
            {
                if (usage.Value is { } value && usage.Unit?.StartsWith("credit", StringComparison.OrdinalIgnoreCase) != false)
                    _credits = (_credits ?? 0) + value;
            }
        }
    }

    public void Apply(UsageMessage usage)
    {
        if (usage is { Used: { } used, Size: > 0 and var size })
        {
            lock (_gate)
                _contextPercent = 100 * used / size;
        }
    }

    /// <summary>Ends the turn: what comes later belongs to no prompt.</summary>
    public TurnResult Close(PromptOutcome outcome, AgentException? failure, string? stopReason = null, bool mayHaveBeenSeen = true)
    {
        lock (_gate)
        {
            _sealed = true;
            return new TurnResult
            {
                Outcome = outcome,
                Failure = failure,
                StopReason = stopReason,
                MayHaveBeenSeen = mayHaveBeenSeen,
                HasLeftTraces = _hasLeftTraces,
                Text = _text.ToString(),
                ToolCalls = [.. _toolCalls.Select(c => c.Copy())],
                Credits = _credits,
                AgentTime = _agentTime,
                ContextPercent = _contextPercent,
                TimeToFirstText = _timeToFirstText,
            };
        }
    }
}
