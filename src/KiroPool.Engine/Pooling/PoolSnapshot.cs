using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>The slots and the pause of starts, at one moment.</summary>
internal sealed record PoolSnapshot(IReadOnlyList<SlotSnapshot> Slots, IReadOnlyList<HostSnapshot> Hosts, int WaitingCount, TimeSpan? StartsPausedFor, string? LastStartFailure)
{
    /// <summary>Reads the present slots, oldest first, and the pause of starts. Under the pool's lock.</summary>
    public static PoolSnapshot Of(PoolState state, TimeProvider time)
    {
        StartBreaker? failing = state.Breakers.Slowest;
        return new PoolSnapshot(
            [.. state.Agents.Select(agent => SlotSnapshot.Of(agent, time))],
            [.. state.Hosts.All.Select(host => new HostSnapshot(host.Host, host.MaxSize, host.Count, host.Busy, host.Failure))],
            state.Waiting.Count,
            failing?.RetryIn,
            failing?.LastFailure?.Message);
    }
}

/// <summary>One slot, at one moment.</summary>
/// <param name="Agent">The slot.</param>
/// <param name="State">Its state.</param>
/// <param name="UnusedFor">The time since it was last leased or returned.</param>
/// <param name="UseCount">The prompts it has served.</param>
/// <param name="Work">The prompt it runs.</param>
/// <param name="WorkingFor">How long it has run that prompt.</param>
/// <param name="Sessions">The names of the sessions that live on it.</param>
internal readonly record struct SlotSnapshot(
    PooledAgent Agent, PooledAgentState State, TimeSpan UnusedFor, int UseCount, AgentWork? Work, TimeSpan WorkingFor, string Sessions)
{
    public static SlotSnapshot Of(PooledAgent agent, TimeProvider time)
    {
        AgentWork? work = agent.Life.Work;
        return new SlotSnapshot(
            agent,
            agent.State,
            time.GetElapsedTime(agent.LastUsed),
            agent.UseCount,
            work,
            work is null ? TimeSpan.Zero : time.GetElapsedTime(work.Since),
            string.Join(", ", agent.Residents.Where(resident => resident.Name.Length > 0).Select(resident => resident.Name)));
    }
}

/// <summary>One host, at one moment.</summary>
internal readonly record struct HostSnapshot(AgentHost Host, int MaxSize, int Count, int Busy, AgentException? Failure)
{
    /// <summary>The link to it; null if it has none.</summary>
    public LinkState? Link { get; init; }
}
