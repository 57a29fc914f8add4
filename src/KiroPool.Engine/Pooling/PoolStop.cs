using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Pooling;

/// <summary>The stop of a pool: new prompts are refused, the accepted ones end, and then the agents and all that served them.</summary>
internal sealed class PoolStop
{
    private readonly PoolLock _pool;
    private readonly AgentRunner _runner;
    private readonly PoolSweep _sweep;
    private readonly IAgentConnector _connector;
    private readonly PoolLog _log;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancelPrompts = new();
    private readonly Task _ended;
    private int _hasBegun;

    public PoolStop(PoolLock pool, AgentRunner runner, PoolSweep sweep, IAgentConnector connector, PoolLog log)
    {
        (_pool, _runner, _sweep, _connector, _log) = (pool, runner, sweep, connector, log);
        _ended = OwnWork.Run(EndWhenDrainedAsync);
    }

    /// <summary>Cancelled by a stop that does not wait for prompts.</summary>
    public CancellationToken CancelPrompts => _cancelPrompts.Token;

    /// <summary>Completes when a stop has ended all processes of the pool.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Reports that no accepted prompt is left.</summary>
    public void Drained() => _drained.TrySetResult();

    /// <summary>Starts or hurries the stop. Completes when no process of the pool is left.</summary>
    public Task RunAsync(PoolStopMode mode)
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) == 0)
            _log.WriteVerbose($"stopping the pool ({mode})");
        if (mode == PoolStopMode.Kill)
            _runner.EndAtOnce();
        AgentLife[] lives = _pool.Update(state =>
        {
            state.Close(refuseAll: mode != PoolStopMode.Drain);
            return (AgentLife[])[.. state.Agents.Select(agent => agent.Life)];
        });
        if (mode == PoolStopMode.Drain)
            return _ended;
        if (mode == PoolStopMode.Kill)
        {
            foreach (AgentLife life in lives)
                _ = life.Connection?.StopAsync(force: true);
        }

        _cancelPrompts.Cancel();
        _drained.TrySetResult();
        return _ended;
    }

    private async Task EndWhenDrainedAsync()
    {
        await _drained.Task.ConfigureAwait(false);
        await _sweep.DisposeAsync().ConfigureAwait(false);
        Task[] left = _pool.Update(state =>
        {
            state.EndAll();
            return (Task[])[.. state.Agents.Select(agent => agent.Life.Left)];
        });
        await Task.WhenAll(left).ConfigureAwait(false);
        await _connector.CloseAsync().ConfigureAwait(false);
        await ProcessGuardian.Shared.RemovePoolAsync(_log).ConfigureAwait(false);
        _log.WriteVerbose("the pool has stopped");
        _gone.TrySetResult();
    }
}
