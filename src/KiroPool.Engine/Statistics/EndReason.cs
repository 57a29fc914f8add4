namespace KiroPool.Engine.Statistics;

/// <summary>Why the pool ended an agent.</summary>
internal enum EndReason
{
    PoolStopped,
    StartFailed,
    Died,
    NotSettled,
    Uses,
    Age,
    Memory,
    Idle,
    Evicted,
    Suspended,
}
