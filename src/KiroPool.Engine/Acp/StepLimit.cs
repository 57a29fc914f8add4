namespace KiroPool.Engine.Acp;

/// <summary>
/// The time limit of a step that makes an agent or a session ready. An agent that does one thing at a time begins the
/// step when the turn that runs has ended, and so does the limit.
/// </summary>
internal sealed class StepLimit : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private bool _isOver;

    /// <param name="limit">How long the step may take.</param>
    /// <param name="turn">The turn that runs; null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller's wish to give the step up.</param>
    public StepLimit(TimeSpan limit, Task? turn, TimeProvider time, CancellationToken cancellationToken)
    {
        (_limit, _time) = (limit, time);
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (turn is null)
            Begin();
        else
            turn.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Begin);
    }

    /// <summary>Cancelled when the time is up, or by the caller.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is up.</summary>
    public bool HasPassed { get; private set; }

    public void Dispose()
    {
        lock (_source)
        {
            _isOver = true;
            _timer?.Dispose();
            _source.Dispose();
        }
    }

    private void Begin()
    {
        // The step may be done before the turn is.
        lock (_source)
        {
            if (!_isOver)
                _timer = _time.CreateTimer(static limit => ((StepLimit)limit!).Pass(), this, _limit, Timeout.InfiniteTimeSpan);
        }
    }

    private void Pass()
    {
        lock (_source)
        {
            if (_isOver)
                return;
            HasPassed = true;
            _source.Cancel();
        }
    }
}
