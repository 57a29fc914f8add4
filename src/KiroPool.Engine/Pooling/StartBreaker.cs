namespace KiroPool.Engine.Pooling;

/// <summary>
/// Limits repeated start failures of a key. After several failures in a row it opens: callers get the reason at once, and
/// one start at a time tries again after a delay that doubles. Guarded by the pool's lock.
/// </summary>
internal sealed class StartBreaker(PoolOptions options, TimeProvider time)
{
    private int _failures;
    private long _failedAt;
    private TimeSpan _delay;

    /// <summary>The reason why the last start failed; null before the first failure. A good start removes the breaker.</summary>
    public AgentException? LastFailure { get; private set; }

    /// <summary>Whether the last failure is too old to matter.</summary>
    public bool IsStale => time.GetElapsedTime(_failedAt) > _delay + options.BreakerMaxDelay;

    public bool IsOpen => _failures >= options.BreakerThreshold;

    /// <summary>Whether a start is allowed now.</summary>
    public bool AllowsStart => !IsOpen || time.GetElapsedTime(_failedAt) >= _delay;

    /// <summary>The time until the next try.</summary>
    public TimeSpan RetryIn => IsOpen && _delay - time.GetElapsedTime(_failedAt) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    public void Failed(AgentException failure)
    {
        LastFailure = failure;
        _failedAt = time.GetTimestamp();
        if (++_failures == options.BreakerThreshold)
            _delay = options.BreakerDelay;
        else if (IsOpen)
            _delay = _delay * 2 < options.BreakerMaxDelay ? _delay * 2 : options.BreakerMaxDelay;
    }

    /// <summary>Whether the next start will certainly fail for the same reason: a wrong name, a missing program or sign-in.</summary>
    public static bool WillRepeat(AgentException failure) => failure.Kind is not (
        FailureKind.AgentStartFailed or FailureKind.AgentStartTimedOut or FailureKind.AgentError or FailureKind.AgentKeepsFailing
        or FailureKind.ResourcesExhausted or FailureKind.RateLimited or FailureKind.HostUnreachable or FailureKind.HostLost or FailureKind.ProtocolViolation or FailureKind.AgentDied);

    /// <summary>The failure for callers while it is open. A permanent kind, such as a wrong model, stays the kind.</summary>
    public AgentException ToFailure() => new(
        LastFailure!.Kind is FailureKind.AgentStartFailed or FailureKind.AgentStartTimedOut or FailureKind.AgentError ? FailureKind.AgentKeepsFailing : LastFailure.Kind,
        $"Starting the agent failed {_failures} times in a row; the next try is in {Math.Ceiling(RetryIn.TotalSeconds)} s. The last failure: {LastFailure!.Message}",
        LastFailure)
    { Value = LastFailure.Value };
}
