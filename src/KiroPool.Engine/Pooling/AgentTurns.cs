using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// The use of agents: leases of stand-alone prompts, and conversations with their turns. Says what becomes of an agent when
/// a use ends. Guarded by the pool's lock.
/// </summary>
internal sealed class AgentTurns(PoolSlots slots, PoolOptions options, TimeProvider time)
{
    /// <summary>Finds a process for a conversation that it shares with others of its key. The conversation's turn begins there.</summary>
    public bool TryShare(AgentSpec spec, IResident resident, [NotNullWhen(true)] out PooledAgent? shared)
    {
        shared = options.SessionsPerProcess == 1 ? null : slots.Agents.Find(agent =>
            agent.State is PooledAgentState.Held or PooledAgentState.Leased
            && agent.Residents.Count > 0
            && agent.Residents.Count < Math.Min(options.SessionsPerProcess, agent.Vitals!.MostConversations)
            && agent.Spec.Equals(spec)
            && agent is { IsClosed: false, Replaced: null }
            && agent.DueFor(time) is null);
        if (shared is null)
            return false;
        shared.Residents.Add(resident);
        Begin(shared);
        return true;
    }

    /// <summary>Starts a turn of a conversation on its agent. Returns false if that agent has ended or is ending.</summary>
    public bool TryBegin(PooledAgent agent, IResident resident)
    {
        if (agent.State is not (PooledAgentState.Held or PooledAgentState.Leased) || !agent.Residents.Contains(resident))
            return false;
        if (!agent.IsClosed)
        {
            Begin(agent);
            return true;
        }

        if (agent.State == PooledAgentState.Held)
            slots.End(agent, EndReason.Died);
        return false;
    }

    /// <summary>Seats a conversation on an agent that was leased to it. The lease becomes its first turn there.</summary>
    public static void MoveIn(PooledAgent agent, IResident resident)
    {
        agent.Residents.Add(resident);
        agent.Turns = 1;
        agent.Vitals!.HoldsConversations = agent.CanLoadSessions;
    }

    /// <summary>Removes a conversation from its agent. If its turn still runs, the agent is free after that.</summary>
    public void MoveOut(PooledAgent agent, IResident resident)
    {
        if (!agent.Residents.Remove(resident) || agent.Residents.Count > 0)
            return;
        agent.Vitals!.HoldsConversations = false;
        if (agent.State == PooledAgentState.Held)
            Free(agent);
    }

    /// <summary>Ends a turn of a conversation.</summary>
    public void End(PooledAgent agent, bool reusable)
    {
        agent.Turns--;
        if (agent.State != PooledAgentState.Leased || agent.Turns > 0)
            return;
        if (agent.IsClosed || !reusable)
            EndUnusable(agent);
        else if (agent.Residents.Count == 0)
            Free(agent);
        else if ((agent.Replaced ?? agent.DueFor(time)) is { } reason && agent.CanLoadSessions)
            slots.EndReplaced(agent, reason);
        else
            agent.MoveTo(PooledAgentState.Held);
    }

    /// <summary>Ends the lease of a stand-alone prompt.</summary>
    public void EndLease(PooledAgent agent, bool reusable)
    {
        if (agent.State != PooledAgentState.Leased)
            return;
        if (agent.IsClosed || !reusable)
            EndUnusable(agent);
        else
            Free(agent);
    }

    private void Begin(PooledAgent agent)
    {
        if (agent.State == PooledAgentState.Held)
            agent.MoveTo(PooledAgentState.Leased);
        agent.Turns++;
        agent.LastUsed = time.GetTimestamp();
    }

    private void EndUnusable(PooledAgent agent) => slots.End(agent, agent.IsClosed ? EndReason.Died : EndReason.NotSettled);

    /// <summary>Makes an unused agent idle, unless it must end.</summary>
    private void Free(PooledAgent agent)
    {
        if (agent.IsClosed)
            slots.End(agent, EndReason.Died);
        else if (agent.Replaced is { } reason)
            slots.End(agent, reason);
        else if (agent.IsUsedUp || agent.Vitals is { IsSpoilt: true })
            slots.EndReplaced(agent, EndReason.Uses);
        else
            slots.MakeIdle(agent);
    }
}
