using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>One response so far. Updates are delivered under its own lock, so that none follows the result.</summary>
internal sealed class DelimitedTurn(Action<PromptUpdate>? onUpdate, TimeProvider time)
{
    private readonly object _gate = new();
    private readonly AnsiText _answer = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _sentAt = time.GetTimestamp();
    private TimeSpan? _timeToFirstText;
    private bool _isSealed;

    /// <summary>Completes when the delimiter after the response has arrived.</summary>
    public Task Answered => _answered.Task;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_isSealed)
                Tell(_answer.Append(bytes));
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (!_isSealed)
                Tell(_answer.Complete());
            _isSealed = true;
        }

        _answered.TrySetResult();
    }

    /// <summary>Settles the turn and returns its result.</summary>
    public TurnResult Close(PromptOutcome outcome, AgentException? failure, string stderr, bool mayHaveBeenSeen = true, bool mayHaveUsedTools = false)
    {
        lock (_gate)
        {
            _isSealed = true;
            KiroFooter? footer = KiroFooter.Find(stderr);
            return new TurnResult
            {
                Outcome = outcome,
                Failure = failure,
                MayHaveBeenSeen = mayHaveBeenSeen,
                HasLeftTraces = _answer.HasText || footer is not null || mayHaveUsedTools,
                Text = _answer.Text,
                RawText = _answer.RawText,
                ErrorText = stderr,
                StopReason = outcome == PromptOutcome.Completed ? "end_turn" : null,
                Meter = new TurnMeter { Credits = footer?.Credits, AgentTime = footer?.Time },
                TimeToFirstText = _timeToFirstText,
            };
        }
    }

    /// <summary>Whether any answer has arrived.</summary>
    public bool HasText
    {
        get
        {
            lock (_gate)
                return _answer.HasText;
        }
    }

    private void Tell(string piece)
    {
        if (piece.Length == 0)
            return;
        _timeToFirstText ??= time.GetElapsedTime(_sentAt);
        onUpdate?.Invoke(PromptUpdate.ForText(piece));
    }
}
