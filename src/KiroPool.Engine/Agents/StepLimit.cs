namespace KiroPool.Engine.Agents;

/// <summary>
/// The time limit of a prompt, or of a step of a start or a session. An agent that works on one request at a time starts
/// the step after the running turn, and so does the limit.
/// </summary>
internal sealed class StepLimit : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private LimitTimer? _timer;
    private bool _isOver;

    /// <param name="limit">The limit of the step.</param>
    /// <param name="turn">The running turn; null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public StepLimit(TimeSpan limit, Task? turn, TimeProvider time, CancellationToken cancellationToken = default)
    {
        (_limit, _time) = (limit, time);
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (turn is null)
            Begin();
        else
            turn.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Begin);
    }

    /// <summary>Cancelled when the limit has passed, or by the caller.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the limit has passed.</summary>
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
        // The step may end before the turn.
        lock (_source)
        {
            if (_isOver)
                return;
            _timer = new LimitTimer(_time, Pass);
            _timer.Start(_limit);
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
