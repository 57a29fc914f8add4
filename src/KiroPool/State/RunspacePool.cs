using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;

namespace KiroPool.State;

/// <summary>
/// The pool of each runspace. A pool ends with its runspace or with the process. Another runspace may use it with
/// <c>-Pool</c>, without owning it.
/// </summary>
internal static class RunspacePool
{
    private static readonly ConditionalWeakTable<Runspace, PoolInfo> Pools = [];
    private static readonly HashSet<PoolInfo> Running = [];

    static RunspacePool() => AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAllAtExit();

    /// <summary>
    /// Whether this is the first runspace of the process: that of the console or of the script. A prompt starts a pool only
    /// there, because otherwise each -Parallel runspace would start one.
    /// </summary>
    public static bool IsFirstRunspace => Runspace.DefaultRunspace?.Id == 1;

    /// <summary>The pool of the current runspace, or null.</summary>
    public static PoolInfo? Current =>
        Runspace.DefaultRunspace is { } runspace && Pools.TryGetValue(runspace, out PoolInfo? pool) ? pool : null;

    /// <summary>The pool that created a session; null if it is no longer a pool of this process.</summary>
    public static PoolInfo? PoolOf(Session session)
    {
        lock (Running)
            return Running.FirstOrDefault(pool => session.BelongsTo(pool.Pool));
    }

    /// <summary>Makes a pool the pool of the current runspace.</summary>
    public static void Own(PoolInfo pool)
    {
        Runspace runspace = Runspace.DefaultRunspace;
        Pools.AddOrUpdate(runspace, pool);
        lock (Running)
            Running.Add(pool);
        runspace.StateChanged += OnStateChanged;
        _ = ForgetWhenStoppedAsync();

        void OnStateChanged(object? sender, RunspaceStateEventArgs change)
        {
            // Raised twice and while the runspace closes, so it only gives a signal.
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                _ = pool.Pool.StopAsync(PoolStopMode.Cancel);
        }

        async Task ForgetWhenStoppedAsync()
        {
            await pool.Pool.WhenStopped.ConfigureAwait(false);
            runspace.StateChanged -= OnStateChanged;
            lock (Running)
                Running.Remove(pool);
        }
    }

    /// <summary>Stops and removes a pool that a prompt started and whose agents did not start, so that the next start is a fresh one.</summary>
    public static void ForgetIfFailed()
    {
        if (Current is not { IsFailedStart: true } failed)
            return;
        Disown(failed);
        _ = failed.Pool.StopAsync(PoolStopMode.Cancel);
    }

    /// <summary>Removes the pool from the current runspace, if the runspace owns it.</summary>
    public static void Disown(PoolInfo pool)
    {
        if (Current == pool)
            Pools.Remove(Runspace.DefaultRunspace);
    }

    /// <summary>Stops the pool of a leaving host: a short polite stop, then a hard one.</summary>
    private static void StopAllAtExit()
    {
        AgentPool[] pools;
        lock (Running)
            pools = [.. Running.Select(pool => pool.Pool)];
        if (pools.Length == 0)
            return;
        if (!Task.WaitAll([.. pools.Select(pool => pool.StopAsync(PoolStopMode.Cancel))], TimeSpan.FromMilliseconds(700)))
            Task.WaitAll([.. pools.Select(pool => pool.StopAsync(PoolStopMode.Kill))], TimeSpan.FromMilliseconds(300));
    }
}
