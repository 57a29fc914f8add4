using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Matches waiters and agents, and decides starts and ends. Waiters and starts are independent: the scheduler ensures
/// that enough agents start, and the first ready agent serves the first waiter.
/// </summary>
internal sealed class PoolScheduler(PoolState state, PoolOptions options, TimeProvider time)
{
    private readonly AgentRoster _agents = state.Agents;
    private readonly WaitingLine _waiting = state.Waiting;
    private readonly IdleAgents _idle = state.Idle;

    /// <summary>Brings the pool up to date after any change.</summary>
    public void Run()
    {
        if (_waiting.Count > 0)
            RefuseHopeless();
        ReplaceDue();
        SeatConversations();
        ServeFromIdle();
        if (_waiting.Count > 0)
            StartForWaiters();

        // An agent that was reserved for a waiter serves others if the waiter's own agent now starts.
        ServeFromIdle();
        if (_waiting.Count > 0)
            RefuseBlocked();
        KeepMinimum();
    }

    /// <summary>Fails the waiters of a key that has an open breaker and no living agent.</summary>
    private void RefuseHopeless()
    {
        if (!state.Breakers.Any)
            return;
        foreach (Waiter head in _waiting.Heads().ToArray())
        {
            if (state.Breakers.Find(head.Spec) is not { IsOpen: true } breaker || _agents.Serves(head.Spec))
                continue;

            // The probe serves one waiter. The others need not wait for a start that will probably fail.
            int hopeful = _agents.Starting(head.Spec) > 0 || breaker.AllowsStart ? 1 : 0;
            foreach (Waiter waiter in _waiting.Of(head.Spec).Skip(hopeful))
                state.Refuse(waiter, breaker.ToFailure());
        }
    }

    /// <summary>
    /// Replaces agents that have reached a limit, one at a time. With room, the replacement starts first and the old agent
    /// serves until it is warm. In a full pool the old agent ends first, when it is idle.
    /// </summary>
    private void ReplaceDue()
    {
        if (state.IsClosed || _agents.Any(a => a is { State: PooledAgentState.Starting, Replaces: not null } or { State: PooledAgentState.Stopping, Replaced: not null }))
            return;
        foreach (PooledAgent agent in _agents)
        {
            if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Leased) || agent.Residents.Count > 0 || agent.Replaced is not null || agent.DueFor(time) is not { } reason)
                continue;
            if (_agents.Count < options.MaxSize && _agents.CountIn(PooledAgentState.Starting) < options.MaxStarting && MayStart(agent.Spec))
                state.Start(agent.Spec, replaces: agent);
            else if (_agents.Count >= options.MaxSize && agent.State == PooledAgentState.Idle)
                state.EndReplaced(agent, reason);
            else
                continue;
            return;
        }
    }

    /// <summary>Places waiting conversations beside others of their key. This takes no agent from stand-alone prompts.</summary>
    private void SeatConversations()
    {
        if (options.SessionsPerProcess == 1 || _waiting.Count == 0)
            return;
        foreach (Waiter waiter in _waiting.All().Where(waiter => waiter.Resident is not null).ToArray())
        {
            if (state.TryHost(waiter.Spec, waiter.Resident!, out PooledAgent? host))
                state.Serve(waiter, host, wasWarm: true, isTurn: true);
        }
    }

    private void ServeFromIdle()
    {
        while (_waiting.Count > 0 && _idle.Count > 0)
        {
            Waiter[] heads = [.. _waiting.Heads()];
            if (Array.Find(heads, head => _idle.Has(head.Spec)) is not { } next)
                return;

            // A waiter that was passed over too often gets the next slot: this agent is reserved and evicted for it. That is
            // useless if the waiter's agent already starts or may not start now.
            Waiter[] earlier = [.. heads.TakeWhile(head => head != next).Where(head => _agents.Starting(head.Spec) == 0 && MayStart(head.Spec))];
            if (Array.Exists(earlier, head => head.PassedOver >= options.MaxSize))
                return;
            if (!state.TryTakeIdle(next.Spec, out PooledAgent? agent))
                continue;
            foreach (Waiter head in earlier)
                head.PassedOver++;

            bool wasWarm = agent.UseCount > 0 || agent.WarmSince <= next.QueuedAt;
            state.Lease(agent);
            state.Serve(next, agent, wasWarm);
        }
    }

    private void StartForWaiters()
    {
        int freeing = _agents.CountIn(PooledAgentState.Stopping);
        var promised = new Dictionary<AgentSpec, int>();
        var braked = new HashSet<AgentSpec>();
        while (_waiting.TryFindUncovered(Coming, out Waiter? waiter))
        {
            AgentSpec spec = waiter.Spec;
            if (!MayStart(spec))
                braked.Add(spec);
            else if (_agents.CountIn(PooledAgentState.Starting) + promised.Values.Sum() >= options.MaxStarting)
                return;
            else if (_agents.Count < options.MaxSize)
                state.Start(spec);
            else if (freeing-- > 0)
                promised[spec] = promised.GetValueOrDefault(spec) + 1;
            else if (_idle.LeastRecentlyUsed(otherThan: spec) is { } victim)
                Evict(victim, spec, EndReason.Evicted);
            else if (_agents.Suspendable.MinBy(agent => agent.LastUsed) is { } resting)
                Evict(resting, spec, EndReason.Suspended);
            else
                return;
        }

        int Coming(AgentSpec spec) => braked.Contains(spec) ? int.MaxValue : _agents.Starting(spec) + promised.GetValueOrDefault(spec);

        void Evict(PooledAgent victim, AgentSpec spec, EndReason reason)
        {
            state.End(victim, reason);
            promised[spec] = promised.GetValueOrDefault(spec) + 1;
        }
    }

    /// <summary>
    /// Detects that named conversations without resume hold every slot. No waiter can be served before a script removes one
    /// of them, and that script may be the one that waits.
    /// </summary>
    private void RefuseBlocked()
    {
        if (_agents.Count < options.MaxSize || !_agents.All(IsBlocked))
            return;
        string names = string.Join(", ", _agents.SelectMany(agent => agent.Residents).Select(resident => $"'{resident.Name}'").Order(StringComparer.OrdinalIgnoreCase));
        foreach (Waiter waiter in _waiting.All().ToArray())
        {
            state.Refuse(waiter, new AgentException(
                FailureKind.PoolHeldBySessions,
                $"All {options.MaxSize} slots of the pool (-MaxSize) are held by sessions that the agent cannot resume in another process: {names}. Remove a session (Remove-KiroSession), or start the pool with a larger -MaxSize.")
            { Value = names });
        }
    }

    /// <summary>A temporary conversation ends by itself, so it blocks no slot for ever.</summary>
    private static bool IsBlocked(PooledAgent agent) =>
        agent is { State: PooledAgentState.Held, CanLoadSessions: false, IsClosed: false } && agent.Residents.TrueForAll(resident => resident.Name.Length > 0);

    private void KeepMinimum()
    {
        while (!state.IsClosed
            && _agents.Count < options.MaxSize
            && _agents.CountStaying() < options.MinSize
            && _agents.CountIn(PooledAgentState.Starting) < options.MaxStarting
            && MayStart(state.DefaultSpec))
            state.Start(state.DefaultSpec);
    }

    /// <summary>An open breaker allows one start at a time after its delay.</summary>
    private bool MayStart(AgentSpec spec) =>
        state.Breakers.Find(spec) is not { IsOpen: true } breaker || (breaker.AllowsStart && _agents.Starting(spec) == 0);
}
