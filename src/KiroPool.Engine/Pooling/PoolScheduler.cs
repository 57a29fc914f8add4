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

    /// <summary>Fails the waiters of a key that has no living agent and no host where one can be started, unless their rules let them wait.</summary>
    private void RefuseHopeless()
    {
        if (!state.Breakers.Any && state.Hosts.All.All(host => host.Failure is null))
            return;
        foreach (AgentSpec spec in _waiting.Heads().Select(head => head.Spec).ToArray())
        {
            if (state.Hosts.IsHope(spec) || _agents.Serves(spec))
                continue;
            if (state.Hosts.UnreachableFor(spec) is { } time)
                RefuseUnreached(spec, time);
            else
                RefuseFailing(spec);
        }
    }

    private void RefuseUnreached(AgentSpec spec, TimeSpan unreachable)
    {
        TimeSpan longest = 4 * options.HostLostAfter;
        foreach (Waiter waiter in _waiting.Of(spec))
        {
            if (!waiter.Rules.ForHosts)
                state.Refuse(waiter, state.Hosts.Why(spec));
            else if (!waiter.Rules.HasOwnLimit && !waiter.Rules.ForAgent && unreachable >= longest && time.GetElapsedTime(waiter.QueuedAt) >= longest)
                state.Refuse(waiter, Unreached(spec, longest));
        }
    }

    private AgentException Unreached(AgentSpec spec, TimeSpan limit)
    {
        AgentException last = state.Hosts.Why(spec);
        return new AgentException(last.Kind, $"No host could be reached for {limit.TotalSeconds:0} s (4 times -HostLostSec). {last.Message}", last) { Value = last.Value };
    }

    private void RefuseFailing(AgentSpec spec)
    {
        // The probe serves one waiter. The others need not wait for a start that will probably fail.
        AgentException why = state.Hosts.Why(spec);
        bool repeats = StartBreaker.WillRepeat(why);
        int hopeful = _agents.Starting(spec) > 0 || MayStart(spec) ? 1 : 0;
        foreach (Waiter waiter in _waiting.Of(spec).Skip(hopeful))
        {
            if (repeats || !waiter.Rules.ForAgent)
                state.Refuse(waiter, why);
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
            if (agent.Host.HasRoom && _agents.CountStarting(agent.Host) < options.MaxStarting && state.Hosts.MayStart(agent.Spec, agent.Host))
                state.Start(agent.Spec, agent.Host, replaces: agent);
            else if (!agent.Host.HasRoom && agent.State == PooledAgentState.Idle)
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
            if (Array.Exists(earlier, head => head.PassedOver >= options.Capacity))
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
        Dictionary<PoolHost, int> freeing = state.Hosts.All.ToDictionary(host => host, host => _agents.Count(a => a.State == PooledAgentState.Stopping && a.Host == host));
        var promised = new Dictionary<AgentSpec, int>();
        var braked = new HashSet<AgentSpec>();
        while (_waiting.TryFindUncovered(Coming, out Waiter? waiter))
        {
            AgentSpec spec = waiter.Spec;
            if (!MayStart(spec))
                braked.Add(spec);
            else if (state.Hosts.FreeStarts(spec) <= promised.Values.Sum())
                return;
            else if (state.Hosts.ForStart(spec) is { } host)
                state.Start(spec, host);
            else if (TakeFreeing(spec))
                promised[spec] = promised.GetValueOrDefault(spec) + 1;
            else if (_idle.LeastRecentlyUsed(otherThan: spec, host => Fits(spec, host)) is { } victim)
                Evict(victim, spec, EndReason.Evicted);
            else if (_agents.Suspendable.Where(agent => Fits(spec, agent.Host)).MinBy(agent => agent.LastUsed) is { } resting)
                Evict(resting, spec, EndReason.Suspended);
            else
                return;
        }

        bool Fits(AgentSpec spec, PoolHost host) => state.Hosts.Of(spec).Contains(host) && state.Hosts.MayStart(spec, host);

        bool TakeFreeing(AgentSpec spec)
        {
            PoolHost? host = freeing.Keys.FirstOrDefault(host => freeing[host] > 0 && Fits(spec, host));
            if (host is not null)
                freeing[host]--;
            return host is not null;
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
        if (_agents.Count < options.Capacity || !_agents.All(IsBlocked))
            return;
        string names = string.Join(", ", _agents.SelectMany(agent => agent.Residents).Select(resident => $"'{resident.Name}'").Order(StringComparer.OrdinalIgnoreCase));
        foreach (Waiter waiter in _waiting.All().ToArray())
        {
            state.Refuse(waiter, new AgentException(
                FailureKind.PoolHeldBySessions,
                $"All {options.Capacity} slots of the pool (-MaxSize) are held by sessions that the agent cannot resume in another process: {names}. Remove a session (Remove-KiroSession), or start the pool with a larger -MaxSize.")
            { Value = names });
        }
    }

    /// <summary>A temporary conversation ends by itself, so it blocks no slot for ever.</summary>
    private static bool IsBlocked(PooledAgent agent) =>
        agent is { State: PooledAgentState.Held, CanLoadSessions: false, IsClosed: false } && agent.Residents.TrueForAll(resident => resident.Name.Length > 0);

    private void KeepMinimum()
    {
        foreach (PoolHost host in state.Hosts.All)
        {
            while (!state.IsClosed
                && host.HasRoom
                && _agents.CountStaying(host) < options.MinSize
                && _agents.CountStarting(host) < options.MaxStarting
                && state.Hosts.MayStart(state.DefaultSpec, host))
                state.Start(state.DefaultSpec, host);
        }
    }

    private bool MayStart(AgentSpec spec) => state.Hosts.MayStart(spec);
}
