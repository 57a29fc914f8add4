using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The breakers of keys with recent start failures on a host. Guarded by the pool's lock.</summary>
internal sealed class StartBreakers(PoolOptions options, TimeProvider time)
{
    private readonly Dictionary<(AgentSpec Spec, PoolHost Host), StartBreaker> _byKey = [];

    /// <summary>Whether starts of any key may be paused.</summary>
    public bool Any => _byKey.Count > 0;

    /// <summary>The breaker with the longest pause; null without recent failures.</summary>
    public StartBreaker? Slowest => _byKey.Values.MaxBy(breaker => breaker.RetryIn);

    public StartBreaker? Find(AgentSpec spec, PoolHost host) => _byKey.GetValueOrDefault((spec, host));

    /// <summary>Records a failed start.</summary>
    public StartBreaker Failed(AgentSpec spec, PoolHost host, AgentException failure)
    {
        if (!_byKey.TryGetValue((spec, host), out StartBreaker? breaker))
            _byKey.Add((spec, host), breaker = new StartBreaker(options, time));
        breaker.Failed(failure);
        return breaker;
    }

    /// <summary>Records a good start.</summary>
    public void Close(AgentSpec spec, PoolHost host) => _byKey.Remove((spec, host));

    public void ForgetStale()
    {
        foreach ((AgentSpec, PoolHost) key in _byKey.Where(entry => entry.Value.IsStale).Select(entry => entry.Key).ToArray())
            _byKey.Remove(key);
    }
}
