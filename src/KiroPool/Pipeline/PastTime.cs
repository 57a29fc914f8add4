using System.Diagnostics;

namespace KiroPool.Pipeline;

/// <summary>Waits until the clock shows a time. A timer counts the milliseconds of a coarser clock, so it can fire too early.</summary>
internal static class PastTime
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits until the time has passed.</summary>
    /// <param name="time">The time.</param>
    /// <param name="atMost">The longest wait, whatever happens to the clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static async Task WaitAsync(DateTimeOffset time, TimeSpan atMost, CancellationToken cancellationToken)
    {
        long since = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan left = time - DateTimeOffset.UtcNow;
            TimeSpan allowed = atMost - Stopwatch.GetElapsedTime(since);
            if (left <= TimeSpan.Zero || allowed <= TimeSpan.Zero)
                return;
            await Task.Delay((left < allowed ? left : allowed) + Tick, cancellationToken).ConfigureAwait(false);
        }
    }
}
