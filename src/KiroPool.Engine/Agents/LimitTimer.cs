namespace KiroPool.Engine.Agents;

/// <summary>A timer for a limit; see <see cref="HostPause"/> for what it does when it is late.</summary>
internal sealed class LimitTimer : IDisposable
{
    // Timers are early by the steps of their clock. A callback that is earlier belongs to a start before this one.
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly Action _passed;
    private readonly object _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _limit;
    private TimeSpan _span;
    private long _startedAt;
    private int _extensions;
    private bool _isRunning;

    /// <summary>The longest limit. The timers of the framework accept at most 2^32 - 2 ms.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(49);

    /// <param name="time">The clock.</param>
    /// <param name="passed">Called when the limit has passed, once for each start, on a thread of the pool.</param>
    public LimitTimer(TimeProvider time, Action passed)
    {
        (_time, _passed) = (time, passed);
        _timer = OwnWork.Run(() => time.CreateTimer(static timer => ((LimitTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Begins the limit, anew if it runs.</summary>
    public void Start(TimeSpan limit) => Start(limit, limit);

    /// <summary>Begins what is left of a limit.</summary>
    /// <param name="left">Until it passes.</param>
    /// <param name="limit">The whole of it.</param>
    public void Start(TimeSpan left, TimeSpan limit)
    {
        lock (_gate)
        {
            (_limit, _extensions) = (limit, 0);
            Set(left);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _isRunning = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _isRunning = false;
        _timer.Dispose();
    }

    private void Set(TimeSpan span)
    {
        (_span, _startedAt, _isRunning) = (span, _time.GetTimestamp(), true);
        _timer.Change(span, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        lock (_gate)
        {
            TimeSpan late = _time.GetElapsedTime(_startedAt) - _span;
            if (!_isRunning || late < -Early)
                return;
            if (HostPause.Extension(_limit, late, _extensions) is { Ticks: > 0 } more)
            {
                _extensions++;
                Set(more);
                return;
            }

            _isRunning = false;
        }

        _passed();
    }
}
