using System.Diagnostics;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>
/// Measures the lateness of the machine: a thread that only sleeps, and a task that only waits, record how late they
/// wake. Other programs may use the machine too, and no limit can be kept better than that.
/// </summary>
internal sealed class MachineLateness : IDisposable
{
    // From a timer to what it does there are several steps, and each may be as late as the worst: timer, thread, agent.
    private const int Steps = 3;

    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);

    private readonly Thread _thread;
    private readonly Task _task;
    private volatile bool _done;
    private long _worstTicks;
    private long _threadNapsSince = Stopwatch.GetTimestamp();
    private long _taskNapsSince = Stopwatch.GetTimestamp();

    public MachineLateness()
    {
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
        _task = WatchPoolAsync();
    }

    /// <summary>The largest lateness so far, including sleepers that are late now.</summary>
    public TimeSpan Worst
    {
        get
        {
            Note(Interlocked.Read(ref _threadNapsSince));
            Note(Interlocked.Read(ref _taskNapsSince));
            return TimeSpan.FromTicks(Interlocked.Read(ref _worstTicks));
        }
    }

    /// <summary>The tolerance of a limit: max(10 %, 100 ms), plus the lateness of the machine.</summary>
    public TimeSpan Tolerance(TimeSpan limit) => TimeSpan.FromMilliseconds(Math.Max(limit.TotalMilliseconds / 10, 100)) + (Steps * Worst);

    /// <summary>Fails unless a limit was kept: not before its time, and not later than the tolerance after it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="took">What was measured.</param>
    /// <param name="what">What it is the limit of.</param>
    /// <param name="seenLater">The largest delay between the pool's begin and the agent's log entry, if the begin is taken from the log.</param>
    public void AssertKept(TimeSpan limit, TimeSpan took, string what, TimeSpan seenLater = default)
    {
        // Timers of the framework read a clock that moves in steps of 4 ms, at both ends. An agent is as late as the machine, too.
        TimeSpan least = limit - TimeSpan.FromMilliseconds(10) - (seenLater > TimeSpan.Zero ? seenLater + (Steps * Worst) : TimeSpan.Zero);
        TimeSpan most = limit + Tolerance(limit);
        Assert.True(took >= least && took <= most, $"{what} took {took.TotalMilliseconds:0} ms; its limit is {limit.TotalMilliseconds:0} ms, at most {most.TotalMilliseconds:0} ms (the machine was up to {Worst.TotalMilliseconds:0} ms late)");
    }

    public void Dispose()
    {
        _done = true;
        _thread.Join();
        _task.GetAwaiter().GetResult();
    }

    private void Watch()
    {
        while (!_done)
        {
            Interlocked.Exchange(ref _threadNapsSince, Stopwatch.GetTimestamp());
            Thread.Sleep(Nap);
            Note(_threadNapsSince);
        }
    }

    /// <summary>The thread pool may be late where the machine is not: it has to have a thread to spare.</summary>
    private async Task WatchPoolAsync()
    {
        while (!_done)
        {
            Interlocked.Exchange(ref _taskNapsSince, Stopwatch.GetTimestamp());
            await Task.Delay(Nap).ConfigureAwait(false);
            Note(_taskNapsSince);
        }
    }

    private void Note(long napsSince)
    {
        long late = (Stopwatch.GetElapsedTime(napsSince) - Nap).Ticks;
        long worst;
        while (late > (worst = Interlocked.Read(ref _worstTicks)))
            Interlocked.CompareExchange(ref _worstTicks, late, worst);
    }
}
