using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Matches waiters and agents, and decides starts and evictions. Waiters and starts are independent: the scheduler ensures
/// that enough agents start, and the first ready agent serves the first waiter. Guarded by the pool's lock.
/// </summary>
internal sealed class PoolScheduler(PoolSlots slots, AgentTurns turns, Recycling recycling, Refusals refusals, PoolOptions options)
{
    private readonly AgentRoster _agents = slots.Agents;
    private readonly WaitingLine _waiting = slots.Waiting;
    private readonly IdleAgents _idle = slots.Idle;

    /// <summary>Brings the pool up to date after any change.</summary>
    public void Run()
    {
        if (_waiting.Count > 0)
            refusals.RefuseHopeless();
        recycling.ReplaceDue();
        SeatConversations();
        ServeFromIdle();
        if (_waiting.Count > 0)
            StartForWaiters();

        // An agent that was reserved for a waiter serves others if the waiter's own agent now starts.
        ServeFromIdle();
        if (_waiting.Count > 0)
            refusals.RefuseHeld();
        KeepMinimum();
    }

    /// <summary>Places waiting conversations beside others of their key. This takes no agent from stand-alone prompts.</summary>
    private void SeatConversations()
    {
        if (options.SessionsPerProcess == 1 || _waiting.ConversationCount == 0)
            return;
        foreach (Waiter waiter in _waiting.All().Where(waiter => waiter.Resident is not null).ToArray())
        {
            if (turns.TryShare(waiter.Spec, waiter.Resident!, out PooledAgent? shared))
                slots.Serve(waiter, shared, wasWarm: true, isTurn: true);
        }
    }

    private void ServeFromIdle()
    {
        while (_waiting.Count > 0 && _idle.Count > 0)
        {
            Waiter[] heads = [.. _waiting.Heads()];
            if (!Array.Exists(heads, head => _idle.Has(head.Spec) && TryServeFromIdle(head, heads)))
                return;
        }
    }

    private bool TryServeFromIdle(Waiter next, Waiter[] heads)
    {
        // A waiter that was passed over too often gets the next slot: this agent is reserved and evicted for it. That is
        // useless if the waiter's agent already starts, or may not start there now.
        Waiter[] earlier = [.. heads.TakeWhile(head => head != next).Where(head => _agents.Starting(head.Spec) == 0)];
        if (!slots.TryTakeIdle(next.Spec, host => !Array.Exists(earlier, head => head.PassedOver >= options.Capacity && Fits(head.Spec, host)), out PooledAgent? agent))
            return false;
        foreach (Waiter head in earlier.Where(head => Fits(head.Spec, agent.Host)))
            head.PassedOver++;

        bool wasWarm = agent.UseCount > 0 || agent.WarmSince <= next.QueuedAt;
        slots.Lease(agent);
        slots.Serve(next, agent, wasWarm);
        return true;
    }

    private void StartForWaiters()
    {
        // The usual state of a busy pool, at every event: nothing to decide, so nothing to allocate.
        if (_idle.Count == 0 && !slots.Hosts.HasRoom && !_agents.Any(static agent => agent.State == PooledAgentState.Stopping || agent.IsSuspendable))
            return;

        // Slots that are being freed, and starts that will take one, by host.
        Dictionary<PoolHost, int> freeing = slots.Hosts.All.ToDictionary(host => host, host => _agents.Count(a => a.State == PooledAgentState.Stopping && a.Host == host));
        Dictionary<PoolHost, int> promised = slots.Hosts.All.ToDictionary(host => host, _ => 0);
        var promisedTo = new Dictionary<AgentSpec, int>();
        var stuck = new HashSet<AgentSpec>();
        while (_waiting.TryFindUncovered(Coming, out Waiter? waiter))
        {
            AgentSpec spec = waiter.Spec;
            if (slots.Hosts.ForStart(spec) is { } host)
                slots.Start(spec, host);
            else if (freeing.Keys.FirstOrDefault(host => freeing[host] > 0 && CanStart(spec, host)) is { } soon)
                TakeFreeing(spec, soon);
            else if (_idle.LeastRecentlyUsed(other => other.Equals(spec) || stuck.Contains(other), host => CanStart(spec, host)) is { } victim)
                Evict(victim, spec, EndReason.Evicted);
            else if (_agents.Suspendable.Where(agent => CanStart(spec, agent.Host)).MinBy(agent => agent.LastUsed) is { } resting)
                Evict(resting, spec, EndReason.Suspended);
            else
                stuck.Add(spec);
        }

        // The waiters of another key may use another host. They evict no agent that an earlier waiter of its own key gets in the
        // next moment, when it is no longer reserved.
        int Coming(AgentSpec spec) => stuck.Contains(spec) ? int.MaxValue : _agents.Starting(spec) + promisedTo.GetValueOrDefault(spec);

        bool CanStart(AgentSpec spec, PoolHost host) => Fits(spec, host) && _agents.CountStarting(host) + promised[host] < options.MaxStarting;

        void TakeFreeing(AgentSpec spec, PoolHost host)
        {
            freeing[host]--;
            Promise(spec, host);
        }

        void Evict(PooledAgent victim, AgentSpec spec, EndReason reason)
        {
            slots.End(victim, reason);
            Promise(spec, victim.Host);
        }

        void Promise(AgentSpec spec, PoolHost host)
        {
            promised[host]++;
            promisedTo[spec] = promisedTo.GetValueOrDefault(spec) + 1;
        }
    }

    /// <summary>Whether an agent of a key may be started on a host now, apart from room.</summary>
    private bool Fits(AgentSpec spec, PoolHost host) => slots.Hosts.Of(spec).Contains(host) && slots.Hosts.MayStart(spec, host);

    private void KeepMinimum()
    {
        foreach (PoolHost host in slots.Hosts.All)
        {
            while (!slots.IsClosed
                && host.HasRoom
                && _agents.CountStaying(host) < options.MinSize
                && _agents.CountStarting(host) < options.MaxStarting
                && slots.Hosts.MayStart(slots.DefaultSpec, host))
                slots.Start(slots.DefaultSpec, host);
        }
    }
}
