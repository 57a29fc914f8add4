using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>The delay before a guardian that ended by itself is restarted. Not thread-safe.</summary>
internal sealed class GuardianBrake
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // One that lived for so long can stay; that it ended was an accident.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    private long _startedAt;
    private int _earlyEnds;

    public void Started() => _startedAt = Stopwatch.GetTimestamp();

    /// <summary>It ended by itself.</summary>
    /// <returns>The wait: none the first time, then longer with each one that could not stay.</returns>
    public TimeSpan Ended()
    {
        if (Stopwatch.GetElapsedTime(_startedAt) >= Settled)
            _earlyEnds = 0;
        TimeSpan wait = _earlyEnds == 0 ? TimeSpan.Zero : First * Math.Pow(2, Math.Min(_earlyEnds - 1, 30));
        _earlyEnds++;
        return wait < Longest ? wait : Longest;
    }
}
