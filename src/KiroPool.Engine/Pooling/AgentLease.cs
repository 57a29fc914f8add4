using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The right to use one agent until it is returned: for a stand-alone prompt, or for one turn of a conversation.</summary>
internal sealed class AgentLease(AgentDispatcher dispatcher, PooledAgent agent, bool wasWarm, IResident? resident = null)
{
    private int _returned;

    public IAgentConnection Connection => agent.Life.Connection!;

    public PooledAgent Agent => agent;

    /// <summary>Whether it is a turn of a conversation on the agent.</summary>
    public bool IsTurn => resident is not null;

    /// <summary>Whether the agent was already warm when it was requested: a cache hit.</summary>
    public bool WasWarm { get; } = wasWarm;

    /// <summary>Counts a prompt as served. Returns whether the process had served one before.</summary>
    public bool CountUse() => dispatcher.CountUse(agent, WasWarm);

    /// <summary>Converts this lease to the first turn of a conversation on the agent.</summary>
    public AgentLease MoveIn(IResident conversation)
    {
        Interlocked.Exchange(ref _returned, 1);
        return dispatcher.MoveIn(agent, WasWarm, conversation);
    }

    /// <summary>Returns the agent. The pool leases it again after its turn has ended. A second call does nothing.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            dispatcher.Return(agent, resident);
    }
}
