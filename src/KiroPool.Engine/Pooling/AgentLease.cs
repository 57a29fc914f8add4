using KiroPool.Engine.Protocols;

namespace KiroPool.Engine.Pooling;

/// <summary>The right to use one agent until it is given back.</summary>
internal sealed class AgentLease(AgentPool pool, PooledAgent agent, bool wasWarm)
{
    private int _returned;

    public IAgentConnection Connection => agent.Connection;

    /// <summary>Whether the agent was warm already when it was asked for: a cache hit.</summary>
    public bool WasWarm { get; } = wasWarm;

    /// <summary>Counts a prompt as served. Returns whether the process had served one before.</summary>
    public bool CountUse() => pool.CountUse(agent, WasWarm);

    /// <summary>Gives the agent back; the pool lends it again once its turn has ended. May be called again.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            pool.Return(agent);
    }
}
