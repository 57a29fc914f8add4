using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Text;

/// <summary>Ends a turn when its process is silent for too long on stdout and stderr, or when its caller cancels it.</summary>
internal sealed class TurnSilence : IWatchedTurn, IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly Func<long> _countStderr;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly SilenceWatch? _watch;
    private long _stderrBytes;
    private long _heardAt;

    /// <param name="limit">The longest silence; zero for no limit.</param>
    /// <param name="countStderr">Returns the number of bytes received on stderr.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">The caller's token for the turn.</param>
    public TurnSilence(TimeSpan limit, Func<long> countStderr, TimeProvider time, CancellationToken stop)
    {
        (_limit, _countStderr, _time, _stderrBytes) = (limit, countStderr, time, countStderr());
        _over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (limit == TimeSpan.Zero)
            return;
        _watch = new SilenceWatch(time);
        _watch.Watch(this, limit);
    }

    /// <summary>Cancelled when the turn must end: by its caller, or because of the silence.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Whether the silence exceeded its limit.</summary>
    public bool IsTooLong { get; private set; }

    long IWatchedTurn.LastSignAt
    {
        get
        {
            // The time of stderr output is unknown, only that there was some since the last check.
            if (_countStderr() is var bytes && bytes != _stderrBytes)
            {
                _stderrBytes = bytes;
                Heard();
            }

            return Volatile.Read(ref _heardAt);
        }
    }

    public AgentException ToFailure() => SilenceWatch.ToFailure(_limit);

    /// <summary>Records output on stdout.</summary>
    public void Heard() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    void IWatchedTurn.OnSilence()
    {
        IsTooLong = true;
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The turn has just ended.
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _over.Dispose();
    }
}
