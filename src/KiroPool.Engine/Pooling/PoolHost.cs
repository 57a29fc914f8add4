using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// One host of a pool: its slots, and the brake on its starts. A host that cannot be reached is tried again after a delay that
/// doubles, one start at a time; one that refuses the connection is not, because something has to change first. Guarded by the
/// pool's lock.
/// </summary>
internal sealed class PoolHost(AgentHost host, PoolOptions options, TimeProvider time)
{
    private long _failedAt;
    private long _downSince;
    private TimeSpan _delay;

    public AgentHost Host => host;

    public int MaxSize { get; } = host.MaxSize ?? options.MaxSize;

    /// <summary>The slots that are taken there.</summary>
    public int Count { get; set; }

    /// <summary>The agents that run a prompt there.</summary>
    public int Busy { get; set; }

    public bool HasRoom => Count < MaxSize;

    /// <summary>The share of its slots that is taken.</summary>
    public double Share => (double)Count / MaxSize;

    /// <summary>The share of its slots that run a prompt.</summary>
    public double Load => (double)Busy / MaxSize;

    /// <summary>Why the last start there failed before an agent could; null when the host is up.</summary>
    public AgentException? Failure { get; private set; }

    /// <summary>Whether it refuses the connection for good.</summary>
    public bool IsRefused => Failure?.Kind is FailureKind.HostRefused or FailureKind.NotSupported;

    /// <summary>Whether it merely cannot be reached now.</summary>
    public bool IsUnreachable => Failure is not null && !IsRefused;

    /// <summary>Whether a start is allowed now, by the state of the host.</summary>
    public bool AllowsStart => Failure is null || (!IsRefused && RetryIn == TimeSpan.Zero);

    /// <summary>The time until the next try.</summary>
    public TimeSpan RetryIn => Failure is not null && _delay - time.GetElapsedTime(_failedAt) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>For how long it has failed.</summary>
    public TimeSpan FailedFor => time.GetElapsedTime(_downSince);

    private TimeSpan LongestDelay => options.BreakerMaxDelay < options.HostLostAfter ? options.BreakerMaxDelay : options.HostLostAfter;

    /// <summary>Whether a failure is one of the host, not of the agent.</summary>
    public static bool IsOfHost(AgentException failure) =>
        failure.Kind is FailureKind.HostUnreachable or FailureKind.HostRefused or FailureKind.HostLost
        || (failure.Kind == FailureKind.NotSupported && failure.Value is AgentHost);

    /// <summary>Records a failure of the host. Returns whether it is the first since the host was up.</summary>
    public bool Failed(AgentException failure)
    {
        bool isFirst = Failure is null;
        Failure = failure;
        _failedAt = time.GetTimestamp();
        if (isFirst)
            _downSince = _failedAt;
        _delay = isFirst ? options.BreakerDelay : _delay * 2;
        if (_delay > LongestDelay)
            _delay = LongestDelay;
        return isFirst;
    }

    /// <summary>Records that an agent was started there.</summary>
    public void Reached() => Failure = null;
}
