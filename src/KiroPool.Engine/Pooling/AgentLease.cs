using KiroPool.Engine.Agents;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Pooling;

/// <summary>The right to use one agent until it is given back: for a prompt that stands alone, or for one turn of a conversation.</summary>
internal sealed class AgentLease(AgentPool pool, PooledAgent agent, bool wasWarm, SessionSeat? seat = null)
{
    private int _returned;

    public IAgentConnection Connection => agent.Connection;

    public PooledAgent Agent => agent;

    /// <summary>Whether it is a turn of a conversation that lives on the agent.</summary>
    public bool IsTurn => seat is not null;

    /// <summary>Whether the agent was warm already when it was asked for: a cache hit.</summary>
    public bool WasWarm { get; } = wasWarm;

    /// <summary>Counts a prompt as served. Returns whether the process had served one before.</summary>
    public bool CountUse() => pool.CountUse(agent, WasWarm);

    /// <summary>Makes this a turn of a conversation that lives on the agent from now on; this lease is used up.</summary>
    public AgentLease MoveIn(SessionSeat conversation)
    {
        Interlocked.Exchange(ref _returned, 1);
        return pool.MoveIn(agent, WasWarm, conversation);
    }

    /// <summary>Gives the agent back; the pool lends it again once its turn has ended. May be called again.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            pool.Return(agent, seat);
    }
}
