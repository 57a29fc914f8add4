namespace KiroPool.Engine.Agents;

/// <summary>
/// Tells a limit that has passed from one that was found passed late because the host stood still: Ctrl+Z, a suspended
/// laptop, a stopped virtual machine. What came meanwhile waits in the pipe, and an agent may have stood still too. So a
/// limit that is found late is set once more, for as long as it was late and at most for itself: what has come is read first.
/// </summary>
internal static class HostPause
{
    // A busy machine is late too. Within this a reader has read what there is.
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(250);

    // A laptop may sleep and wake several times. But when all threads of the process are busy, every timer is late for as long
    // as they are, and without this bound the limit would never pass.
    private const int MostExtensions = 5;

    /// <summary>For how long a limit that was found passed is set once more; zero when it was found in time.</summary>
    /// <param name="limit">The whole limit.</param>
    /// <param name="late">How late it was found.</param>
    /// <param name="earlier">How often it was set once more before.</param>
    public static TimeSpan Extension(TimeSpan limit, TimeSpan late, int earlier)
    {
        if (late < Usual || earlier >= MostExtensions)
            return TimeSpan.Zero;
        TimeSpan more = late < limit ? late : limit;
        return more > Usual ? more : Usual;
    }

    /// <summary>Waits for a task up to a limit.</summary>
    /// <exception cref="TimeoutException">The limit passed.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public static async Task WaitAsync(Task task, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken = default)
    {
        TimeSpan span = limit;
        for (int extensions = 0; ; extensions++)
        {
            long since = time.GetTimestamp();
            try
            {
                await task.WaitAsync(span, time, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException) when (!task.IsCompleted && Extension(limit, time.GetElapsedTime(since) - span, extensions) is { Ticks: > 0 } more)
            {
                span = more;
            }
        }
    }

    /// <summary>Waits until a task is done, however it ends, or a limit has passed.</summary>
    public static async Task SettleAsync(Task task, TimeSpan limit)
    {
        try
        {
            await WaitAsync(task, limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Who waits here only wants it to have had its time.
        }
    }
}
