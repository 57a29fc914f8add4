using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine;

/// <content>
/// Who gets which agent, and what is started and ended for that. Waiters and starts are not tied to each other: the
/// pool sees to it that enough agents are on their way, and whichever is ready first serves the first waiter.
/// Everything here runs under the lock; processes are touched by tasks it starts.
/// </content>
public sealed partial class AgentPool
{
    /// <summary>Brings the pool up to date after any change.</summary>
    private void Schedule()
    {
        if (_waiting.Count > 0)
            RefuseHopeless();
        ReplaceWhatIsDue();
        SeatConversations();
        ServeFromIdle();
        if (_waiting.Count > 0)
            StartForWaiters();

        // What was kept back for somebody whose agent is on its way now serves others.
        ServeFromIdle();
        KeepMinimum();
        EndDrain();
    }

    private void EndDrain()
    {
        if (_closed && _accepted == 0 && _waiting.Count == 0 && _agents.TrueForAll(a => a.State is not PooledAgentState.Leased))
            _drained.TrySetResult();
    }

    /// <summary>Those who wait for a key that cannot be started, and of which nothing lives, get the reason now.</summary>
    private void RefuseHopeless()
    {
        foreach (Waiter head in _waiting.Heads().ToArray())
        {
            if (!_breakers.TryGetValue(head.Spec, out StartBreaker? breaker) || !breaker.IsOpen || IsAlive(head.Spec))
                continue;

            // The probe serves one; the others need not wait for what will most likely fail.
            int hopeful = Starting(head.Spec) > 0 || breaker.AllowsStart ? 1 : 0;
            foreach (Waiter waiter in _waiting.Of(head.Spec).Skip(hopeful))
                Refuse(waiter, breaker.ToFailure());
        }
    }

    /// <summary>
    /// Replaces agents that have reached a limit, one at a time. While there is room the replacement is started first
    /// and the old one serves until it is warm; in a full pool the old one goes first, once it is idle.
    /// </summary>
    private void ReplaceWhatIsDue()
    {
        if (_closed || _agents.Exists(a => a is { State: PooledAgentState.Starting, Replaces: not null } or { State: PooledAgentState.Stopping, Replaced: not null }))
            return;
        DateTimeOffset now = _time.GetUtcNow();
        foreach (PooledAgent agent in _agents)
        {
            if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Leased) || agent.Residents.Count > 0 || agent.Replaced is not null || agent.DueFor(now) is not { } reason)
                continue;
            if (_agents.Count < Options.MaxSize && Starting() < Options.MaxStarting && MayStart(agent.Spec))
                Start(agent.Spec, replaces: agent);
            else if (_agents.Count >= Options.MaxSize && agent.State == PooledAgentState.Idle)
                EndReplaced(agent, reason);
            else
                continue;
            return;
        }
    }

    private void EndReplaced(PooledAgent agent, EndReason reason)
    {
        agent.Replaced = reason;
        End(agent, reason);
    }

    private void ServeFromIdle()
    {
        while (_waiting.Count > 0 && _idle.Count > 0)
        {
            Waiter[] heads = [.. _waiting.Heads()];
            if (Array.Find(heads, head => _idle.Has(head.Spec)) is not { } next)
                return;

            // Whoever was passed over too often gets the next place: this agent is kept back, to be evicted for them.
            // That would help nobody whose agent is under way already or may not be started now.
            Waiter[] earlier = [.. heads.TakeWhile(head => head != next).Where(head => Starting(head.Spec) == 0 && MayStart(head.Spec))];
            if (Array.Exists(earlier, head => head.PassedOver >= Options.MaxSize))
                return;
            if (!TryTakeIdle(next.Spec, out PooledAgent? agent))
                continue;
            foreach (Waiter head in earlier)
                head.PassedOver++;

            _waiting.Remove(next);
            bool wasWarm = agent.UseCount > 0 || agent.ReadyAt <= next.QueuedAt;
            next.Cancellation.Unregister();
            next.TrySetResult(Lend(agent, wasWarm));
        }
    }

    private void StartForWaiters()
    {
        int freeing = _agents.Count(a => a.State == PooledAgentState.Stopping);
        var promised = new Dictionary<AgentSpec, int>();
        var braked = new HashSet<AgentSpec>();
        while (_waiting.TryFindUncovered(Coming, out Waiter? waiter))
        {
            AgentSpec spec = waiter.Spec;
            if (!MayStart(spec))
                braked.Add(spec);
            else if (Starting() + promised.Values.Sum() >= Options.MaxStarting)
                return;
            else if (_agents.Count < Options.MaxSize)
                Start(spec);
            else if (freeing-- > 0)
                promised[spec] = promised.GetValueOrDefault(spec) + 1;
            else if (_idle.LeastRecentlyUsed(otherThan: spec) is { } victim)
                Evict(victim, spec, EndReason.Evicted);
            else if (LeastRecentlyUsedHeld() is { } resting)
                Evict(resting, spec, EndReason.Suspended);
            else
                return;
        }

        int Coming(AgentSpec spec) => braked.Contains(spec) ? int.MaxValue : Starting(spec) + promised.GetValueOrDefault(spec);

        void Evict(PooledAgent victim, AgentSpec spec, EndReason reason)
        {
            End(victim, reason);
            promised[spec] = promised.GetValueOrDefault(spec) + 1;
        }
    }

    private void KeepMinimum()
    {
        while (!_closed
            && _agents.Count < Options.MaxSize
            && _agents.Count(a => a.State != PooledAgentState.Stopping && !a.IsSpent) < Options.MinSize
            && Starting() < Options.MaxStarting
            && MayStart(DefaultSpec))
            Start(DefaultSpec);
    }

    /// <summary>An open breaker lets one start at a time through, when its delay is over.</summary>
    private bool MayStart(AgentSpec spec) =>
        !_breakers.TryGetValue(spec, out StartBreaker? breaker) || !breaker.IsOpen || (breaker.AllowsStart && Starting(spec) == 0);

    /// <summary>Takes an idle agent. One that has died is not lent, though the news of it may still be on its way.</summary>
    private bool TryTakeIdle(AgentSpec spec, [NotNullWhen(true)] out PooledAgent? agent)
    {
        while (_idle.TryTake(spec, out agent))
        {
            if (!agent.Connection.Closed.IsCompleted)
                return true;
            End(agent, EndReason.Died);
        }

        return false;
    }

    private AgentLease Lend(PooledAgent agent, bool wasWarm)
    {
        agent.MoveTo(PooledAgentState.Leased);
        agent.LastUsed = _time.GetUtcNow();
        return new AgentLease(this, agent, wasWarm);
    }

    private void MakeIdle(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Idle);
        _idle.Push(agent);
    }

    private void Refuse(Waiter waiter, AgentException reason)
    {
        _waiting.Remove(waiter);
        waiter.Cancellation.Unregister();
        waiter.TrySetException(reason);
    }

    private bool IsAlive(AgentSpec spec) =>
        _agents.Exists(a => a.State is PooledAgentState.Idle or PooledAgentState.Leased && a.Residents.Count == 0 && a.Spec.Equals(spec));

    private int Starting(AgentSpec spec) => _agents.Count(a => a.State == PooledAgentState.Starting && a.Spec.Equals(spec));

    private int Starting() => _agents.Count(a => a.State == PooledAgentState.Starting);

    private StartBreaker Breaker(AgentSpec spec)
    {
        if (!_breakers.TryGetValue(spec, out StartBreaker? breaker))
            _breakers.Add(spec, breaker = new StartBreaker(Options, _time));
        return breaker;
    }
}
