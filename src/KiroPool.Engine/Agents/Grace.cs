namespace KiroPool.Engine.Agents;

/// <summary>
/// A grace that several waits share. Only waiting spends it: when the host stands still before, between or during the
/// waits, what has come meanwhile is still read in time.
/// </summary>
/// <param name="whole">The whole of it.</param>
/// <param name="time">The clock.</param>
internal sealed class Grace(TimeSpan whole, TimeProvider time)
{
    /// <summary>What has not been spent.</summary>
    public TimeSpan Left { get; private set; } = whole;

    /// <summary>Waits for a task.</summary>
    /// <param name="task">The task. Its exception is thrown.</param>
    /// <param name="most">The most of the grace that this wait may spend; null for all.</param>
    /// <returns>Whether the task has ended.</returns>
    public async Task<bool> WaitAsync(Task task, TimeSpan? most = null)
    {
        TimeSpan span = most < Left ? most.Value : Left;
        long since = time.GetTimestamp();
        try
        {
            await HostPause.WaitAsync(task, span, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            TimeSpan waited = time.GetElapsedTime(since);
            Left -= waited < span ? waited : span;
        }
    }
}
