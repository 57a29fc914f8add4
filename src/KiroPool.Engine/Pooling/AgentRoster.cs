using System.Collections;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// All taken slots, oldest first, with queries for the decisions. Every event of the pool asks some of them, so those allocate
/// nothing. Guarded by the pool's lock.
/// </summary>
internal sealed class AgentRoster : IReadOnlyCollection<PooledAgent>
{
    private readonly List<PooledAgent> _agents = [];

    public int Count => _agents.Count;

    /// <summary>The agents whose conversations rest and can be resumed in another process.</summary>
    public IEnumerable<PooledAgent> Suspendable => _agents.Where(agent => agent.IsSuspendable);

    public void Add(PooledAgent agent)
    {
        _agents.Add(agent);
        agent.Host.Count++;
    }

    public void Remove(PooledAgent agent)
    {
        if (_agents.Remove(agent))
            agent.Host.Count--;
    }

    public PooledAgent? Find(Predicate<PooledAgent> match) => _agents.Find(match);

    public bool All(Predicate<PooledAgent> match) => _agents.TrueForAll(match);

    public bool Any(Predicate<PooledAgent> match) => _agents.Exists(match);

    public int CountIn(PooledAgentState state)
    {
        int count = 0;
        foreach (PooledAgent agent in _agents)
            count += agent.State == state ? 1 : 0;
        return count;
    }

    public int Starting(AgentSpec spec)
    {
        int count = 0;
        foreach (PooledAgent agent in _agents)
            count += agent.State == PooledAgentState.Starting && agent.Spec.Equals(spec) ? 1 : 0;
        return count;
    }

    public int Starting(AgentSpec spec, PoolHost host)
    {
        int count = 0;
        foreach (PooledAgent agent in _agents)
            count += agent.State == PooledAgentState.Starting && agent.Host == host && agent.Spec.Equals(spec) ? 1 : 0;
        return count;
    }

    public int CountStarting(PoolHost host)
    {
        int count = 0;
        foreach (PooledAgent agent in _agents)
            count += agent.State == PooledAgentState.Starting && agent.Host == host ? 1 : 0;
        return count;
    }

    /// <summary>The agents on a host that are or become warm: all except the ending ones.</summary>
    public int CountStaying(PoolHost host)
    {
        int count = 0;
        foreach (PooledAgent agent in _agents)
            count += agent.State != PooledAgentState.Stopping && agent.Host == host && !agent.IsSpent ? 1 : 0;
        return count;
    }

    /// <summary>Whether each agent on a host keeps its slot until its conversations are removed.</summary>
    public bool HoldAllSlots(PoolHost host)
    {
        foreach (PooledAgent agent in _agents)
        {
            if (agent.Host == host && !agent.HoldsItsSlot)
                return false;
        }

        return true;
    }

    /// <summary>Whether an agent of the key serves stand-alone prompts.</summary>
    public bool Serves(AgentSpec spec) =>
        _agents.Exists(a => a.State is PooledAgentState.Idle or PooledAgentState.Leased && a.Residents.Count == 0 && a.Spec.Equals(spec));

    public List<PooledAgent>.Enumerator GetEnumerator() => _agents.GetEnumerator();

    IEnumerator<PooledAgent> IEnumerable<PooledAgent>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
