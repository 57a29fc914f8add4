using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// The idle agents, one stack per key. On the least loaded host the most recently used one is leased first, so that the others
/// can idle out.
/// Guarded by the pool's lock.
/// </summary>
internal sealed class IdleAgents
{
    private readonly Dictionary<AgentSpec, List<PooledAgent>> _byKey = [];

    // A stack that has become empty, for the next key: with one idle agent every lease empties its stack.
    private List<PooledAgent>? _spare;

    public int Count { get; private set; }

    public bool Has(AgentSpec spec) => _byKey.ContainsKey(spec);

    public void Push(PooledAgent agent)
    {
        if (!_byKey.TryGetValue(agent.Spec, out List<PooledAgent>? stack))
        {
            _byKey.Add(agent.Spec, stack = _spare ?? []);
            _spare = null;
        }

        stack.Add(agent);
        Count++;
    }

    /// <summary>Takes the most recently used agent of a key on its least loaded usable host, preferring one with a ready session.</summary>
    public bool TryTake(AgentSpec spec, Func<PoolHost, bool> usable, [NotNullWhen(true)] out PooledAgent? agent)
    {
        agent = null;
        if (!_byKey.TryGetValue(spec, out List<PooledAgent>? stack))
            return false;
        double least = double.MaxValue;
        bool isReady = false;
        for (int i = stack.Count - 1; i >= 0; i--)
        {
            PooledAgent one = stack[i];
            double load = Load(one);
            bool ready = one.Vitals is { IsSessionReady: true };
            if ((load < least || (load == least && ready && !isReady)) && usable(one.Host))
                (agent, least, isReady) = (one, load, ready);
        }

        return agent is not null && Remove(agent);
    }

    public bool Remove(PooledAgent agent)
    {
        if (!_byKey.TryGetValue(agent.Spec, out List<PooledAgent>? stack) || !stack.Remove(agent))
            return false;
        Count--;
        if (stack.Count == 0)
        {
            _byKey.Remove(agent.Spec);
            _spare = stack;
        }

        return true;
    }

    /// <summary>The agent of any key but some, on a host that fits, that has been idle longest.</summary>
    public PooledAgent? LeastRecentlyUsed(Func<AgentSpec, bool> isKept, Func<PoolHost, bool> fits) =>
        _byKey.Where(entry => !isKept(entry.Key)).SelectMany(entry => entry.Value).Where(agent => fits(agent.Host)).MinBy(agent => agent.LastUsed);

    /// <summary>A host that does not answer in time may be lost, and a prompt with it.</summary>
    private static double Load(PooledAgent agent) => agent.Host.Load + (agent.Vitals is { IsDoubtful: true } ? 1 : 0);

    /// <summary>All idle agents, longest idle first.</summary>
    public IReadOnlyList<PooledAgent> All() => [.. _byKey.Values.SelectMany(stack => stack).OrderBy(agent => agent.LastUsed)];
}
