using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Decides which waiter gets which agent, and which agents start and end. It contains only data: no task, no log, no
/// connection. Every event updates it, and <see cref="TakeDecisions"/> returns the resulting decisions.
/// </summary>
/// <remarks>Guarded by <see cref="PoolLock"/>, which has the decisions carried out after the lock.</remarks>
internal sealed class PoolState
{
    private readonly TimeProvider _time;
    private readonly PoolSlots _slots;
    private readonly AgentTurns _turns;
    private readonly Recycling _recycling;
    private readonly Refusals _refusals;
    private readonly PoolScheduler _scheduler;
    private int _accepted;
    private bool _hasDrained;

    public PoolState(PoolOptions options, AgentSpec defaultSpec, TimeProvider time, Random random)
    {
        _time = time;
        _slots = new PoolSlots(options, defaultSpec, time, random);
        _turns = new AgentTurns(_slots, options, time);
        _recycling = new Recycling(_slots, options, time);
        _refusals = new Refusals(_slots, options, time);
        _scheduler = new PoolScheduler(_slots, _turns, _recycling, _refusals, options);
    }

    public AgentSpec DefaultSpec => _slots.DefaultSpec;

    public AgentRoster Agents => _slots.Agents;

    public IdleAgents Idle => _slots.Idle;

    public WaitingLine Waiting => _slots.Waiting;

    public StartBreakers Breakers => _slots.Breakers;

    public PoolHosts Hosts => _slots.Hosts;

    /// <summary>Whether a stop has begun. No more prompts are accepted then.</summary>
    public bool IsClosed => _slots.IsClosed;

    /// <summary>Whether the stop also refuses prompts that were accepted before it.</summary>
    public bool RefusesAll { get; private set; }

    /// <summary>Returns the decisions since the last call, in order.</summary>
    public Decision[] TakeDecisions()
    {
        if (IsDrained && !_hasDrained)
        {
            _hasDrained = true;
            _slots.Decide(new Decision.Drained());
        }

        return _slots.TakeDecisions();
    }

    /// <summary>Accepts a prompt, unless a stop has begun. A drain waits for its <see cref="Accomplished"/>.</summary>
    public bool TryAccept()
    {
        if (IsClosed)
            return false;
        _accepted++;
        return true;
    }

    /// <summary>Records the outcome of an accepted prompt.</summary>
    public void Accomplished() => _accepted--;

    /// <summary>Whether an agent may be rented: a stop lets only the prompts go on that were accepted before it, if it waits for them.</summary>
    public bool Admits(bool isAccepted) => !IsClosed || (isAccepted && !RefusesAll);

    /// <summary>Changes the directory of the agents that are kept warm. Agents of the old one serve it until their idle time is over.</summary>
    public void MoveStandby(string directory) => _slots.DefaultSpec = DefaultSpec.With(workingDirectory: directory);

    /// <summary>Updates the pool without an event, to warm its first agents.</summary>
    public void Refresh() => _scheduler.Run();

    /// <summary>Updates the pool for its waiters, after a pause of starts.</summary>
    public void LookAgain()
    {
        if (Waiting.Count > 0)
            _scheduler.Run();
    }

    /// <summary>Leases an available agent: a shared process for a conversation, or an idle agent if there is no waiter.</summary>
    /// <param name="spec">The key.</param>
    /// <param name="resident">The conversation of the request; null for a stand-alone prompt.</param>
    /// <param name="isTurn">Whether it is already a turn, because the conversation now lives on that agent.</param>
    /// <returns>The agent; null if the request must wait.</returns>
    public PooledAgent? TryRent(AgentSpec spec, IResident? resident, out bool isTurn)
    {
        isTurn = false;
        if (resident is not null && _turns.TryShare(spec, resident, out PooledAgent? shared))
        {
            isTurn = true;
            return shared;
        }

        if (Waiting.Count > 0 || !_slots.TryTakeIdle(spec, _ => true, out PooledAgent? agent))
            return null;
        _slots.Lease(agent);
        return agent;
    }

    /// <summary>Adds a waiter. A later decision serves or refuses it, unless it is abandoned first.</summary>
    public void Enqueue(Waiter waiter)
    {
        Waiting.Add(waiter);
        _scheduler.Run();
    }

    /// <summary>Removes an abandoned waiter. Returns false if it was already served or refused.</summary>
    public bool Cancel(Waiter waiter)
    {
        bool waited = Waiting.Remove(waiter);
        _scheduler.Run();
        return waited;
    }

    /// <summary>Counts a prompt on the agent. Returns whether the agent had served one before.</summary>
    public bool CountUse(PooledAgent agent)
    {
        bool usedBefore = agent.UseCount++ > 0;

        // Its replacement can start during its last use.
        if (agent.IsSpent || agent.DueFor(_time) is not null)
            _scheduler.Run();
        return usedBefore;
    }

    /// <summary>Takes a returned agent, or one whose conversation has ended its turn. The turn has settled or not.</summary>
    public void Return(PooledAgent agent, IResident? resident, bool reusable)
    {
        agent.LastUsed = _time.GetTimestamp();
        if (resident is not null)
            _turns.End(agent, reusable);
        else
            _turns.EndLease(agent, reusable);
        _scheduler.Run();
    }

    /// <summary>Starts a turn of a conversation on its agent. Returns false if that agent has ended or is ending.</summary>
    public bool TryBeginTurn(PooledAgent agent, IResident resident)
    {
        bool begun = _turns.TryBegin(agent, resident);
        if (!begun)
            _scheduler.Run();
        return begun;
    }

    /// <summary>Seats a conversation on an agent that was leased to it. The lease becomes its first turn there.</summary>
    public void MoveIn(PooledAgent agent, IResident resident)
    {
        AgentTurns.MoveIn(agent, resident);
        _scheduler.Run();
    }

    /// <summary>Removes a conversation from its agent. If its turn still runs, the agent is free after that.</summary>
    public void MoveOut(PooledAgent agent, IResident resident)
    {
        _turns.MoveOut(agent, resident);
        _scheduler.Run();
    }

    /// <summary>Records a warm agent.</summary>
    public void Started(PooledAgent agent)
    {
        if (agent.State != PooledAgentState.Starting)
            return;
        Breakers.Close(agent.Spec, agent.Host);
        Reached(agent.Host);
        agent.LastUsed = agent.WarmSince = _time.GetTimestamp();
        _slots.MakeIdle(agent);
        _recycling.ReplacementIsWarm(agent);
        _scheduler.Run();
    }

    /// <summary>Records a failed start.</summary>
    public void StartFailed(PooledAgent agent, AgentException failure)
    {
        if (agent.State != PooledAgentState.Starting)
            return;
        _slots.End(agent, EndReason.StartFailed);
        if (PoolHost.IsOfHost(failure))
        {
            bool isFirst = agent.Host.Failed(failure);
            _slots.Decide(new Decision.BrakeHost(failure, isFirst, agent.Host.IsRefused ? null : agent.Host.RetryIn));
        }
        else
        {
            Reached(agent.Host);
            StartBreaker breaker = Breakers.Failed(agent.Spec, agent.Host, failure);
            if (breaker.IsOpen)
                _slots.Decide(new Decision.PauseStarts(breaker.RetryIn));
            _refusals.RefuseAfter(failure, agent, breaker);
        }

        _scheduler.Run();
    }

    /// <summary>Records an agent that ended by itself. A leased one is handled when it is returned.</summary>
    public void Died(PooledAgent agent)
    {
        if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Held))
            return;
        _slots.End(agent, EndReason.Died);
        _scheduler.Run();
    }

    /// <summary>Frees the slot of an agent whose last process is gone.</summary>
    public void Gone(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Gone);
        Agents.Remove(agent);
        _scheduler.Run();
    }

    /// <summary>Ends or replaces agents over their idle time, age or memory limit.</summary>
    public void Sweep(IEnumerable<PooledAgent> overMemory)
    {
        if (IsClosed)
            return;
        foreach (PooledAgent agent in overMemory)
            agent.IsOverMemory = true;
        Breakers.ForgetStale();
        _recycling.SuspendDue();
        _recycling.EndIdleTooLong();
        _scheduler.Run();
    }

    /// <summary>Starts or hurries a stop. <paramref name="refuseAll"/> also refuses the present waiters.</summary>
    public void Close(bool refuseAll)
    {
        _slots.IsClosed = true;
        RefusesAll |= refuseAll;
        if (refuseAll)
            _refusals.RefuseAll(Stopped);
        _scheduler.Run();
    }

    /// <summary>Ends every agent: the last step of a stop.</summary>
    public void EndAll()
    {
        foreach (PooledAgent agent in Agents.Where(a => a.State != PooledAgentState.Stopping))
            _slots.End(agent, EndReason.PoolStopped);
    }

    public static AgentException Stopped() => new(FailureKind.PoolStopped, "The pool was stopped. Start a pool with Start-KiroPool.");

    /// <summary>Whether a stop can end all agents, because no accepted prompt is left.</summary>
    private bool IsDrained => IsClosed && _accepted == 0 && Waiting.Count == 0 && Agents.All(a => a.State is not PooledAgentState.Leased);

    private void Reached(PoolHost host)
    {
        if (host.Failure is null)
            return;
        host.Reached();
        _slots.Decide(new Decision.ReleaseHost(host));
    }
}
