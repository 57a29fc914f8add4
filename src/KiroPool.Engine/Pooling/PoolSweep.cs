using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Pooling;

/// <summary>Applies the limits of idle time, age and memory at each <see cref="PoolOptions.SweepInterval"/>.</summary>
internal sealed class PoolSweep : IAsyncDisposable
{
    private readonly PoolLock _pool;
    private readonly PoolOptions _options;
    private readonly IPoolLog _log;
    private readonly ITimer _timer;

    public PoolSweep(PoolLock pool, PoolOptions options, IPoolLog log, TimeProvider time)
    {
        (_pool, _options, _log) = (pool, options, log);
        _timer = OwnWork.Run(() => time.CreateTimer(static sweep => ((PoolSweep)sweep!).Run(), this, options.SweepInterval, options.SweepInterval));
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Run()
    {
        IReadOnlyList<PooledAgent> overMemory = [];
        try
        {
            overMemory = FindOverMemory();
        }
        catch (Exception e)
        {
            // On a timer thread an escaped exception would end the user's shell.
            _log.WriteVerbose($"the memory of agents could not be read: {e.Message}");
        }

        _pool.Update(state => state.Sweep(overMemory));
    }

    /// <summary>Reads the memory of idle agents, because a turn may need much for a while. Outside the lock, because it asks the system.</summary>
    private IReadOnlyList<PooledAgent> FindOverMemory()
    {
        if (_options.MaxMemoryBytes == 0)
            return [];
        PooledAgent[] unused = _pool.Read(state => (PooledAgent[])[.. state.Idle.All(), .. state.Agents.Suspendable]);
        return [.. unused.Where(agent => agent.Life.Connection!.ReadMemoryBytes() > _options.MaxMemoryBytes)];
    }
}
