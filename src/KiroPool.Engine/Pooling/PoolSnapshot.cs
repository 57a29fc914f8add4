using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The slots and the pause of starts, at one moment.</summary>
internal sealed record PoolSnapshot(IReadOnlyList<SlotSnapshot> Slots, IReadOnlyList<HostSnapshot> Hosts, int WaitingCount, TimeSpan? StartsPausedFor, string? LastStartFailure);

/// <summary>One slot, at one moment.</summary>
internal readonly record struct SlotSnapshot(PooledAgent Agent, PooledAgentState State, TimeSpan UnusedFor, int UseCount);

/// <summary>One host, at one moment.</summary>
internal readonly record struct HostSnapshot(AgentHost Host, int MaxSize, int Count, int Busy, AgentException? Failure, LinkState? Link);
