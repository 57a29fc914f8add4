using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine;

/// <content>
/// Agents that conversations live on. Such an agent is lent for one turn at a time and Held in between: it serves no
/// stand-alone prompts, and it is ended to make room only if its conversations can be taken up again elsewhere.
/// </content>
public sealed partial class AgentPool
{
    /// <summary>A conversation begins its turn on the agent it lives on; null when that agent is gone or going.</summary>
    internal AgentLease? TryBeginTurn(PooledAgent agent, SessionSeat seat)
    {
        lock (_gate)
        {
            if (agent.State is not (PooledAgentState.Held or PooledAgentState.Leased) || !agent.Residents.Contains(seat))
                return null;
            if (agent.Connection.Closed.IsCompleted)
            {
                if (agent.State == PooledAgentState.Held)
                {
                    End(agent, EndReason.Died);
                    Schedule();
                }

                return null;
            }

            return BeginTurn(agent, seat);
        }
    }

    /// <summary>A conversation settles on an agent that was lent to it; what was lent becomes its first turn there.</summary>
    internal AgentLease MoveIn(PooledAgent agent, bool wasWarm, SessionSeat seat)
    {
        lock (_gate)
        {
            agent.Residents.Add(seat);
            agent.Turns = 1;
            agent.Connection.HoldsConversations = agent.Connection.CanLoadSessions;
            var turn = new AgentLease(this, agent, wasWarm, seat);
            Schedule();
            return turn;
        }
    }

    /// <summary>A conversation leaves its agent. If a turn of it still runs there, the agent is free when that has ended.</summary>
    internal void MoveOut(PooledAgent agent, SessionSeat seat)
    {
        lock (_gate)
        {
            if (!agent.Residents.Remove(seat) || agent.Residents.Count > 0)
                return;
            agent.Connection.HoldsConversations = false;
            if (agent.State == PooledAgentState.Held)
                Free(agent);
            Schedule();
        }
    }

    /// <summary>The state of the agent a conversation lives on.</summary>
    internal PooledAgentState StateOf(PooledAgent agent)
    {
        lock (_gate)
            return agent.State;
    }

    /// <summary>Conversations that wait get a place beside others of their key; that takes nothing from those who stand alone.</summary>
    private void SeatConversations()
    {
        if (Options.SessionsPerProcess == 1 || _waiting.Count == 0)
            return;
        foreach (Waiter waiter in _waiting.All().Where(waiter => waiter.Seat is not null).ToArray())
        {
            if (TryHost(waiter.Spec, waiter.Seat!) is not { } turn)
                continue;
            _waiting.Remove(waiter);
            waiter.Cancellation.Unregister();
            waiter.TrySetResult(turn);
        }
    }

    /// <summary>Finds a place for a conversation beside others of its key, where conversations share processes.</summary>
    private AgentLease? TryHost(AgentSpec spec, SessionSeat seat)
    {
        if (Options.SessionsPerProcess == 1)
            return null;
        DateTimeOffset now = _time.GetUtcNow();
        PooledAgent? host = _agents.Find(a =>
            a.State is PooledAgentState.Held or PooledAgentState.Leased
            && a.Residents.Count > 0
            && a.Residents.Count < Options.SessionsPerProcess
            && a.Spec.Equals(spec)
            && !a.Connection.Closed.IsCompleted
            && a.Replaced is null
            && a.DueFor(now) is null);
        if (host is null)
            return null;
        host.Residents.Add(seat);
        return BeginTurn(host, seat);
    }

    private AgentLease BeginTurn(PooledAgent agent, SessionSeat seat)
    {
        if (agent.State == PooledAgentState.Held)
            agent.MoveTo(PooledAgentState.Leased);
        agent.Turns++;
        agent.LastUsed = _time.GetUtcNow();
        return new AgentLease(this, agent, wasWarm: true, seat);
    }

    /// <summary>A turn of a conversation is over, and settled or given up.</summary>
    private void EndTurn(PooledAgent agent, bool reusable)
    {
        agent.Turns--;
        if (agent.State != PooledAgentState.Leased || agent.Turns > 0)
            return;
        bool hasDied = agent.Connection.Closed.IsCompleted;
        if (hasDied || !reusable)
            End(agent, hasDied ? EndReason.Died : EndReason.NotSettled);
        else if (agent.Residents.Count == 0)
            Free(agent);
        else if ((agent.Replaced ?? agent.DueFor(_time.GetUtcNow())) is { } reason && agent.Connection.CanLoadSessions)
            EndReplaced(agent, reason);
        else
            agent.MoveTo(PooledAgentState.Held);
    }

    /// <summary>No conversation lives on it any more: it serves everybody, unless it was due to go.</summary>
    private void Free(PooledAgent agent)
    {
        if (agent.Connection.Closed.IsCompleted)
            End(agent, EndReason.Died);
        else if (agent.Replaced is { } reason)
            End(agent, reason);
        else if (agent.IsUsedUp || agent.Connection.SettleAsync() is { IsCompletedSuccessfully: true, Result: false })
            EndReplaced(agent, EndReason.Uses);
        else
            MakeIdle(agent);
    }

    /// <summary>
    /// The agent whose conversations have rested longest and can be taken up again. Others are left alone: what cannot be
    /// resumed would be lost for somebody else's sake.
    /// </summary>
    private PooledAgent? LeastRecentlyUsedHeld() => _agents.Where(IsSuspendable).MinBy(agent => agent.LastUsed);

    private static bool IsSuspendable(PooledAgent agent) => agent.State == PooledAgentState.Held && agent.Connection.CanLoadSessions;

    /// <summary>Limits count for conversations too: their agent is ended between turns, and they go on in another one.</summary>
    private void SuspendWhatIsDue()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (PooledAgent agent in _agents.Where(IsSuspendable).ToArray())
        {
            if ((agent.Replaced ?? agent.DueFor(now)) is { } reason)
                EndReplaced(agent, reason);
        }
    }
}
