namespace KiroPool.Engine.Tests.Simulated;

/// <summary>
/// How late the machine itself is while a time is measured: a thread that only sleeps sees how long after its time it is
/// woken. Others may use the machine too, and a limit cannot be kept better than that.
/// </summary>
internal sealed class MachineLateness : IDisposable
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);

    private readonly Thread _thread;
    private volatile bool _done;
    private long _worstTicks;

    public MachineLateness()
    {
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    public TimeSpan Worst => TimeSpan.FromTicks(Interlocked.Read(ref _worstTicks));

    /// <summary>What may come on top of a limit: max(10 %, 100 ms), and what the machine was late.</summary>
    public TimeSpan Tolerance(TimeSpan limit) => TimeSpan.FromMilliseconds(Math.Max(limit.TotalMilliseconds / 10, 100)) + Worst;

    /// <summary>Fails unless a limit was kept: not before its time, and not later than the tolerance after it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="took">What was measured.</param>
    /// <param name="what">What it is the limit of.</param>
    /// <param name="seenLater">How much later than the pool the agent may have seen the begin, where that is taken from its log.</param>
    public void AssertKept(TimeSpan limit, TimeSpan took, string what, TimeSpan seenLater = default)
    {
        // Timers of the framework read a clock that moves in steps of 4 ms.
        TimeSpan least = limit - TimeSpan.FromMilliseconds(5) - seenLater;
        TimeSpan most = limit + Tolerance(limit);
        Assert.True(took >= least && took <= most, $"{what} took {took.TotalMilliseconds:0} ms; its limit is {limit.TotalMilliseconds:0} ms, at most {most.TotalMilliseconds:0} ms (the machine was up to {Worst.TotalMilliseconds:0} ms late)");
    }

    public void Dispose()
    {
        _done = true;
        _thread.Join();
    }

    private void Watch()
    {
        while (!_done)
        {
            long before = System.Diagnostics.Stopwatch.GetTimestamp();
            Thread.Sleep(Nap);
            long late = (System.Diagnostics.Stopwatch.GetElapsedTime(before) - Nap).Ticks;
            if (late > Interlocked.Read(ref _worstTicks))
                Interlocked.Exchange(ref _worstTicks, late);
        }
    }
}
