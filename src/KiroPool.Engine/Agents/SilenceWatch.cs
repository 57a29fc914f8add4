namespace KiroPool.Engine.Agents;

/// <summary>A turn that ends when its agent is silent for too long.</summary>
internal interface IWatchedTurn
{
    /// <summary>The time of the turn's last activity, as a timestamp of the clock; 0 for never.</summary>
    long LastSignAt { get; }

    /// <summary>Reports that the agent was silent for too long.</summary>
    void OnSilence();
}

/// <summary>
/// Detects that an agent is silent for too long during a turn. Its timer is set again only when it fires, and serves one
/// turn after the other.
/// </summary>
internal sealed class SilenceWatch : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Func<long>? _lastFrameAt;
    private readonly object _gate = new();
    private readonly LimitTimer _timer;
    private IWatchedTurn? _turn;
    private TimeSpan _limit;
    private long _startedAt;

    /// <param name="time">The clock.</param>
    /// <param name="lastFrameAt">Returns the time of the last message on the connection, of any turn.</param>
    public SilenceWatch(TimeProvider time, Func<long>? lastFrameAt = null)
    {
        (_time, _lastFrameAt) = (time, lastFrameAt);
        _timer = new LimitTimer(time, Look);
    }

    /// <summary>The failure of a turn that ended by silence.</summary>
    public static AgentException ToFailure(TimeSpan limit) =>
        new(FailureKind.AgentSilent, $"The agent sent nothing for {limit.TotalSeconds:0.#} s, the limit for a turn (-InactivityTimeoutSec).");

    /// <summary>Watches a turn until <see cref="Rest"/>, and reports a silence of this length to it.</summary>
    public void Watch(IWatchedTurn turn, TimeSpan limit)
    {
        lock (_gate)
        {
            (_turn, _limit, _startedAt) = (turn, limit, _time.GetTimestamp());
            _timer.Start(limit);
        }
    }

    public void Rest()
    {
        lock (_gate)
        {
            _turn = null;
            _timer.Stop();
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _turn = null;
        _timer.Dispose();
    }

    private void Look()
    {
        IWatchedTurn turn;
        lock (_gate)
        {
            if (_turn is null)
                return;
            turn = _turn;
            TimeSpan silent = _time.GetElapsedTime(Math.Max(turn.LastSignAt, Math.Max(_startedAt, _lastFrameAt?.Invoke() ?? 0)));
            if (silent < _limit)
            {
                _timer.Start(_limit - silent, _limit);
                return;
            }
        }

        turn.OnSilence();
    }
}
