namespace KiroPool.Engine.Text;

/// <summary>Notices that a process has written nothing for too long, to stdout or stderr.</summary>
internal sealed class Silence : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly Func<long> _countBytes;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private long _bytes;
    private long _heardAt;

    /// <param name="limit">The longest silence; zero for no limit.</param>
    /// <param name="countStderr">How many bytes have come on stderr.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Cancelled elsewhere: the turn is to end.</param>
    public Silence(TimeSpan limit, Func<long> countStderr, TimeProvider time, CancellationToken stop)
    {
        (_limit, _countBytes, _time, _heardAt, _bytes) = (limit, countStderr, time, time.GetTimestamp(), countStderr());
        _over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (limit == TimeSpan.Zero)
            return;
        _timer = time.CreateTimer(static silence => ((Silence)silence!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the turn is to end: by its caller, or because of the silence.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Whether the silence was too long.</summary>
    public bool IsTooLong { get; private set; }

    public AgentException ToFailure() =>
        new(FailureKind.AgentSilent, $"The agent wrote nothing for {_limit.TotalSeconds:0.#} s, the limit for a turn (-InactivityTimeoutSec).");

    /// <summary>Something came on stdout.</summary>
    public void Heard() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    public void Dispose()
    {
        _timer?.Dispose();
        _over.Dispose();
    }

    private void Look()
    {
        // When stderr spoke is not known, only that it did since the last look.
        if (_countBytes() is var bytes && bytes != _bytes)
        {
            _bytes = bytes;
            Heard();
        }

        TimeSpan silent = _time.GetElapsedTime(Volatile.Read(ref _heardAt));
        try
        {
            if (silent < _limit)
            {
                _timer!.Change(_limit - silent, Timeout.InfiniteTimeSpan);
                return;
            }

            IsTooLong = true;
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The turn has just ended.
        }
    }
}
