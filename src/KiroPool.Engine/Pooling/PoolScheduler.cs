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
            refusals.RefuseBlocked();
        KeepMinimum();
    }

    /// <summary>Places waiting conversations beside others of their key. This takes no agent from stand-alone prompts.</summary>
    private void SeatConversations()
    {
        if (options.SessionsPerProcess == 1 || _waiting.Count == 0)
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
            if (Array.Find(heads, head => _idle.Has(head.Spec)) is not { } next)
                return;

            // A waiter that was passed over too often gets the next slot: this agent is reserved and evicted for it. That is
            // useless if the waiter's agent already starts or may not start now.
            Waiter[] earlier = [.. heads.TakeWhile(head => head != next).Where(head => _agents.Starting(head.Spec) == 0 && MayStart(head.Spec))];
            if (Array.Exists(earlier, head => head.PassedOver >= options.Capacity))
                return;
            if (!slots.TryTakeIdle(next.Spec, out PooledAgent? agent))
                continue;
            foreach (Waiter head in earlier)
                head.PassedOver++;

            bool wasWarm = agent.UseCount > 0 || agent.WarmSince <= next.QueuedAt;
            slots.Lease(agent);
            slots.Serve(next, agent, wasWarm);
        }
    }

    private void StartForWaiters()
    {
        Dictionary<PoolHost, int> freeing = slots.Hosts.All.ToDictionary(host => host, host => _agents.Count(a => a.State == PooledAgentState.Stopping && a.Host == host));
        var promised = new Dictionary<AgentSpec, int>();
        var braked = new HashSet<AgentSpec>();
        while (_waiting.TryFindUncovered(Coming, out Waiter? waiter))
        {
            AgentSpec spec = waiter.Spec;
            if (!MayStart(spec))
                braked.Add(spec);
            else if (slots.Hosts.FreeStarts(spec) <= promised.Values.Sum())
                return;
            else if (slots.Hosts.ForStart(spec) is { } host)
                slots.Start(spec, host);
            else if (TakeFreeing(spec))
                promised[spec] = promised.GetValueOrDefault(spec) + 1;
            else if (_idle.LeastRecentlyUsed(otherThan: spec, host => Fits(spec, host)) is { } victim)
                Evict(victim, spec, EndReason.Evicted);
            else if (_agents.Suspendable.Where(agent => Fits(spec, agent.Host)).MinBy(agent => agent.LastUsed) is { } resting)
                Evict(resting, spec, EndReason.Suspended);
            else
                return;
        }

        bool Fits(AgentSpec spec, PoolHost host) => slots.Hosts.Of(spec).Contains(host) && slots.Hosts.MayStart(spec, host);

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
            slots.End(victim, reason);
            promised[spec] = promised.GetValueOrDefault(spec) + 1;
        }
    }

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

    private bool MayStart(AgentSpec spec) => slots.Hosts.MayStart(spec);
}
