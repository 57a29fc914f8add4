using System.Text;
using System.Text.Json;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Protocols.Acp;

/// <summary>
/// What an agent has said so far in one turn. The connection's reader fills it; whoever waits for the turn takes a copy,
/// also in the middle, when it was cancelled.
/// </summary>
internal sealed class AcpTurn(Action<PromptUpdate>? onUpdate, TimeProvider time)
{
    private readonly object _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<ToolCall> _toolCalls = [];
    private readonly long _sentAt = time.GetTimestamp();
    private TimeSpan? _timeToFirstText;
    private decimal? _credits;
    private double? _contextPercent;
    private bool _hasLeftTraces;
    private bool _closed;

    /// <summary>Set when somebody wants the turn to end; from then on permissions are answered with <c>cancelled</c>.</summary>
    public bool IsCancelling { get; set; }

    /// <summary>Kiro says why it throttles in a notification of its own.</summary>
    public string? RateLimitMessage { get; set; }

    /// <summary>Adds a piece of the answer; the reader stands at its text.</summary>
    public void AddText(ref Utf8JsonReader text)
    {
        string? piece = null;
        lock (_gate)
        {
            if (_closed)
                return;
            _hasLeftTraces = true;
            int before = _text.Length;
            JsonText.AppendTo(_text, ref text);
            if (_text.Length > before)
                _timeToFirstText ??= time.GetElapsedTime(_sentAt);
            if (onUpdate is not null)
                piece = _text.ToString(before, _text.Length - before);
        }

        if (piece is not null)
            onUpdate!(PromptUpdate.ForText(piece));
    }

    public void AddThought(ref Utf8JsonReader text)
    {
        _hasLeftTraces = true;
        if (onUpdate is null || _closed)
            return;
        var piece = new StringBuilder();
        JsonText.AppendTo(piece, ref text);
        onUpdate(PromptUpdate.ForThought(piece.ToString()));
    }

    /// <summary>Takes a tool_call or tool_call_update: only what it names has changed.</summary>
    public void Apply(ToolCallMessage message, string? permission = null)
    {
        if (message.ToolCallId is not { } id)
            return;
        ToolCall copy;
        lock (_gate)
        {
            if (_closed)
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

            copy = call.Copy();
        }

        onUpdate?.Invoke(PromptUpdate.ForToolCall(copy));
    }

    public void Apply(KiroMetadata metadata)
    {
        lock (_gate)
        {
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
            _closed = true;
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
                ContextPercent = _contextPercent,
                TimeToFirstText = _timeToFirstText,
            };
        }
    }
}
