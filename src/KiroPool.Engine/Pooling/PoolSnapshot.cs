namespace KiroPool.Engine.Pooling;

/// <summary>The slots and the pause of starts, at one moment.</summary>
internal sealed record PoolSnapshot(IReadOnlyList<SlotSnapshot> Slots, int WaitingCount, TimeSpan? StartsPausedFor, string? LastStartFailure);

/// <summary>One slot, at one moment.</summary>
internal readonly record struct SlotSnapshot(PooledAgent Agent, PooledAgentState State, TimeSpan UnusedFor, int UseCount);
