using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Leases agents and takes returned ones: every call is an event of <see cref="PoolState"/>. Carries out what the state has
/// decided, after the lock.
/// </summary>
internal sealed class AgentDispatcher : IAsyncDisposable
{
    private readonly PoolLock _pool;
    private readonly AgentRunner _runner;
    private readonly PoolStop _stop;
    private readonly IAgentConnector _connector;
    private readonly PoolCounters _counters;
    private readonly TimeProvider _time;

    public AgentDispatcher(PoolOptions options, AgentSpec defaultSpec, IAgentConnector connector, CoolDown coolDown, PoolLog log, PoolCounters counters, TimeProvider time, Random random)
    {
        (Options, _connector, Log, _counters, _time) = (options, connector, log, counters, time);
        _pool = new PoolLock(new PoolState(options, defaultSpec, time, random), CarryOut);
        _runner = new AgentRunner(_pool, connector, coolDown, log, counters, time);
        ProcessGuardian.Shared.AddPool(log);
        _stop = new PoolStop(_pool, _runner, new PoolSweep(_pool, options, log, time), connector, log);
    }

    public PoolOptions Options { get; }

    /// <summary>The conversations that agents are loading.</summary>
    public RunningSteps Resumes { get; } = new();

    public AgentSpec DefaultSpec => _pool.Read(state => state.DefaultSpec);

    public PoolLog Log { get; }

    /// <summary>Cancelled by a stop that does not wait for prompts.</summary>
    public CancellationToken StopToken => _stop.CancelPrompts;

    /// <summary>Whether a stop has begun. No more prompts are accepted then.</summary>
    public bool IsStopped => _pool.Read(state => state.IsClosed);

    /// <summary>Completes when a stop has ended all processes of the pool.</summary>
    public Task WhenStopped => _stop.Gone;

    /// <summary>Accepts a prompt, unless a stop has begun. A drain waits until it is <see cref="Accomplished"/>.</summary>
    public bool TryAccept() => _pool.Update(state => state.TryAccept());

    public void Accomplished() => _pool.Update(state => state.Accomplished());

    /// <summary>Changes the directory of the agents that are kept warm.</summary>
    public void MoveStandby(string directory) => _pool.Update(state => state.MoveStandby(directory));

    /// <summary>Starts the warm agents of <see cref="PoolOptions.MinSize"/>.</summary>
    public void Refresh() => _pool.Update(state => state.Refresh());

    /// <summary>Waits for an idle, returned or newly started agent.</summary>
    /// <param name="spec">The key.</param>
    /// <param name="resident">The conversation of the request; null for a stand-alone prompt.</param>
    /// <param name="isAccepted">Whether the prompt is between <see cref="TryAccept"/> and <see cref="Accomplished"/>. A draining pool still serves it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="rules">What it waits for; the usual when null.</param>
    public ValueTask<AgentLease> RentAsync(AgentSpec spec, IResident? resident, bool isAccepted, CancellationToken cancellationToken, WaitRules? rules = null)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AgentLease>(cancellationToken);
        (PooledAgent? agent, bool isTurn, LeaseRequest? request) = _pool.Update(
            (Spec: spec, Resident: resident, IsAccepted: isAccepted, Rules: rules, Time: _time),
            static (state, asked) =>
            {
                if (!state.Admits(asked.IsAccepted))
                    return default;
                PooledAgent? available = state.TryRent(asked.Spec, asked.Resident, out bool isTurn);
                LeaseRequest? request = null;
                if (available is null)
                    state.Enqueue(request = new LeaseRequest(asked.Spec, asked.Resident, asked.Time.GetTimestamp(), asked.Rules ?? WaitRules.Usual));
                return (available, isTurn, request);
            });
        if (agent is not null)
            return new ValueTask<AgentLease>(new AgentLease(this, agent, wasWarm: true, isTurn ? resident : null));
        if (request is null)
            return ValueTask.FromException<AgentLease>(PoolState.Stopped());
        request.CancelWith(GiveUp, cancellationToken);
        return new ValueTask<AgentLease>(request.Lease);
    }

    public bool CountUse(PooledAgent agent, bool wasWarm)
    {
        bool usedBefore = _pool.Update(agent, static (state, agent) => state.CountUse(agent));
        _counters.AgentUsed(wasWarm, usedBefore);
        return usedBefore;
    }

    public void Return(PooledAgent agent, IResident? resident)
    {
        Task<bool> settled = resident is null ? agent.Life.Connection!.SettleAsync() : resident.SettleAsync();
        if (settled.IsCompletedSuccessfully)
            TakeBack(agent, resident, settled.Result);
        else
            _ = TakeBackLaterAsync(agent, resident, settled);
    }

    /// <summary>Starts a turn of a conversation on its agent; null if that agent has ended or is ending.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="resident">The conversation.</param>
    /// <param name="settles">The copy of the conversation whose turn it is; null for the conversation itself.</param>
    public AgentLease? TryBeginTurn(PooledAgent agent, IResident resident, IResident? settles = null) =>
        _pool.Update(state => state.TryBeginTurn(agent, resident)) ? new AgentLease(this, agent, wasWarm: true, settles ?? resident) : null;

    /// <summary>Seats a conversation on an agent that was leased to it. The lease becomes its first turn there.</summary>
    public AgentLease MoveIn(PooledAgent agent, bool wasWarm, IResident resident)
    {
        _pool.Update(state => state.MoveIn(agent, resident));
        return new AgentLease(this, agent, wasWarm, resident);
    }

    /// <summary>Removes a conversation from its agent. If its turn still runs, the agent is free after that.</summary>
    public void MoveOut(PooledAgent agent, IResident resident) => _pool.Update(state => state.MoveOut(agent, resident));

    /// <summary>Whether conversations can still have turns on the agent.</summary>
    public bool IsServing(PooledAgent agent) => _pool.Read(_ => agent.State is PooledAgentState.Held or PooledAgentState.Leased);

    /// <summary>The present slots, oldest first, and the pause of starts.</summary>
    public PoolSnapshot Read()
    {
        PoolSnapshot now = _pool.Read(state => PoolSnapshot.Of(state, _time));
        return now with { Hosts = [.. now.Hosts.Select(host => host with { Link = _connector.ReadLink(host.Host) })] };
    }

    /// <summary>Stops the pool, and completes when none of its processes is left. A second call with a stronger mode hurries the stop.</summary>
    public Task StopAsync(PoolStopMode mode) => _stop.RunAsync(mode);

    public async ValueTask DisposeAsync() => await StopAsync(PoolStopMode.Cancel).ConfigureAwait(false);

    private async Task TakeBackLaterAsync(PooledAgent agent, IResident? resident, Task<bool> settled)
    {
        bool reusable = false;
        try
        {
            reusable = await settled.ConfigureAwait(false);
        }
        finally
        {
            TakeBack(agent, resident, reusable);
        }
    }

    private void TakeBack(PooledAgent agent, IResident? resident, bool reusable) => _pool.Update((Agent: agent, Resident: resident, Reusable: reusable), static (state, returned) =>
    {
        state.Return(returned.Agent, returned.Resident, returned.Reusable);
        return true;
    });

    private void GiveUp(LeaseRequest request, CancellationToken cancellationToken)
    {
        if (_pool.Update(state => state.Cancel(request)))
            request.GiveUp(cancellationToken);
    }

    private void CarryOut(Decision decision)
    {
        switch (decision)
        {
            case Decision.Serve(LeaseRequest request, var agent, var wasWarm, var isTurn):
                request.Serve(new AgentLease(this, agent, wasWarm, isTurn ? request.Resident : null));
                break;
            case Decision.Refuse(LeaseRequest request, var reason):
                request.Refuse(reason);
                break;
            case Decision.Start(var agent):
                _runner.Start(agent);
                break;
            case Decision.End(var agent, var reason):
                _runner.End(agent, reason);
                break;
            case Decision.PauseStarts(var pause):
                Log.WriteVerbose($"starts pause for {pause.TotalSeconds:0.#} s after {Options.BreakerThreshold} or more failures in a row");
                LookAgain(pause);
                break;
            case Decision.BrakeHost(var failure, var isFirst, var pause):
                if (isFirst)
                    Log.Write(new PoolEvent(PoolEventLevel.Warning, failure.Message));
                if (pause is { } left)
                    LookAgain(left);
                break;
            case Decision.ReleaseHost(var host):
                Log.Write(new PoolEvent(PoolEventLevel.Warning, $"The host '{host.Host.Name}' is up again."));
                break;
            case Decision.Drained:
                _stop.Drained();
                break;
        }
    }

    /// <summary>Waiters stay during the pause, and no event may come at its end.</summary>
    private void LookAgain(TimeSpan pause) => OwnWork.Run(async () =>
    {
        try
        {
            await Task.Delay(pause + TimeSpan.FromMilliseconds(1), _time, StopToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _pool.Update(state => state.LookAgain());
    });
}
