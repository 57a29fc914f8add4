using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;

namespace KiroPool.State;

/// <summary>
/// The one pool of each runspace. A pool ends with its runspace, and with the process; another runspace may use it (it
/// is handed over with <c>-Pool</c>) but does not own it.
/// </summary>
internal static class RunspacePool
{
    private static readonly ConditionalWeakTable<Runspace, PoolInfo> Pools = [];
    private static readonly HashSet<PoolInfo> Running = [];

    static RunspacePool() => AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAllAtExit();

    /// <summary>
    /// Whether this is the first runspace of the process: the one of the console, or of the script pwsh was started
    /// with. Only there does a prompt start a pool of its own accord; each -Parallel runspace would get one otherwise.
    /// </summary>
    public static bool IsFirstRunspace => Runspace.DefaultRunspace?.Id == 1;

    /// <summary>The pool of the current runspace, or null.</summary>
    public static PoolInfo? Current =>
        Runspace.DefaultRunspace is { } runspace && Pools.TryGetValue(runspace, out PoolInfo? pool) ? pool : null;

    /// <summary>The pool that made a session; null when it is not a pool of this process any more.</summary>
    public static PoolInfo? PoolOf(Session session)
    {
        lock (Running)
            return Running.FirstOrDefault(pool => session.BelongsTo(pool.Pool));
    }

    /// <summary>Makes a pool the current runspace's own.</summary>
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
            // Raised twice, and in the middle of the runspace's own closing: it only gives the signal.
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

    /// <summary>Takes the pool from the current runspace, if it is its own.</summary>
    public static void Disown(PoolInfo pool)
    {
        if (Current == pool)
            Pools.Remove(Runspace.DefaultRunspace);
    }

    /// <summary>A leaving host must not be held up: a short polite stop, then a hard one.</summary>
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
