using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The slots and the pause of starts, at one moment.</summary>
internal sealed record PoolSnapshot(IReadOnlyList<SlotSnapshot> Slots, IReadOnlyList<HostSnapshot> Hosts, int WaitingCount, TimeSpan? StartsPausedFor, string? LastStartFailure);

/// <summary>One slot, at one moment.</summary>
/// <param name="Agent">The slot.</param>
/// <param name="State">Its state.</param>
/// <param name="UnusedFor">The time since it was last leased or returned.</param>
/// <param name="UseCount">The prompts it has served.</param>
/// <param name="Work">The prompt it runs.</param>
/// <param name="WorkingFor">How long it has run that prompt.</param>
/// <param name="Sessions">The names of the sessions that live on it.</param>
internal readonly record struct SlotSnapshot(
    PooledAgent Agent, PooledAgentState State, TimeSpan UnusedFor, int UseCount, AgentWork? Work, TimeSpan WorkingFor, string Sessions);

/// <summary>One host, at one moment.</summary>
internal readonly record struct HostSnapshot(AgentHost Host, int MaxSize, int Count, int Busy, AgentException? Failure, LinkState? Link);
