using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Replaces agents that have reached a limit of uses, age or memory, and ends idle ones. No turn is interrupted. Guarded by
/// the pool's lock.
/// </summary>
internal sealed class Recycling(PoolSlots slots, PoolOptions options, TimeProvider time)
{
    /// <summary>
    /// Replaces agents that have reached a limit, one at a time. With room, the replacement starts first and the old agent
    /// serves until it is warm. In a full pool the old agent ends first, when it is idle.
    /// </summary>
    public void ReplaceDue()
    {
        if (slots.IsClosed || slots.Agents.Any(a => a is { State: PooledAgentState.Starting, Replaces: not null } or { State: PooledAgentState.Stopping, Replaced: not null }))
            return;
        foreach (PooledAgent agent in slots.Agents)
        {
            if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Leased) || agent.Residents.Count > 0 || agent.Replaced is not null || agent.DueFor(time) is not { } reason)
                continue;
            if (agent.Host.HasRoom && slots.Agents.CountStarting(agent.Host) < options.MaxStarting && slots.Hosts.MayStart(agent.Spec, agent.Host))
                slots.Start(agent.Spec, agent.Host, replaces: agent);
            else if (!agent.Host.HasRoom && agent.State == PooledAgentState.Idle)
                slots.EndReplaced(agent, reason);
            else
                continue;
            return;
        }
    }

    /// <summary>Ends the agent that a warm one replaces, or lets it end after its use.</summary>
    public void ReplacementIsWarm(PooledAgent replacement)
    {
        if (replacement.Replaces is not { } old || old.DueFor(time) is not { } reason)
            return;
        if (old.State == PooledAgentState.Idle || old.IsSuspendable)
            slots.EndReplaced(old, reason);
        else
            old.Replaced = reason;
    }

    /// <summary>Applies the limits to agents between the turns of their conversations, which are resumed in another one.</summary>
    public void SuspendDue()
    {
        foreach (PooledAgent agent in slots.Agents.Suspendable.ToArray())
        {
            if ((agent.Replaced ?? agent.DueFor(time)) is { } reason)
                slots.EndReplaced(agent, reason);
        }
    }

    /// <summary>
    /// Ends idle agents down to the minimum, longest idle first. Resumable conversations are suspended. Agents of a directory
    /// that the standby has left do not count: others replace them where the work is now.
    /// </summary>
    public void EndIdleTooLong()
    {
        if (options.IdleTimeout == TimeSpan.Zero)
            return;
        PooledAgent[] unused = [.. slots.Idle.All().Concat(slots.Agents.Suspendable).OrderBy(agent => agent.LastUsed)];
        foreach (PooledAgent agent in unused.TakeWhile(agent => time.GetElapsedTime(agent.LastUsed) >= options.IdleTimeout))
        {
            if (slots.Agents.CountStaying(agent.Host) > options.MinSize || IsLeftBehind(agent))
                slots.End(agent, EndReason.Idle);
        }
    }

    private bool IsLeftBehind(PooledAgent agent)
    {
        AgentSpec standby = slots.DefaultSpec;
        return agent.State == PooledAgentState.Idle && !agent.Spec.Equals(standby) && agent.Spec.With(workingDirectory: standby.WorkingDirectory).Equals(standby);
    }
}
