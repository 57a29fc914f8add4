using KiroPool.Engine.Protocols;

namespace KiroPool.Engine.Pooling;

/// <summary>What an agent of the pool is doing.</summary>
internal enum PooledAgentState
{
    Starting,
    Idle,
    Leased,
    Stopping,
    Gone,
}

/// <summary>Why the pool ended an agent.</summary>
internal enum EndReason
{
    PoolStopped,
    StartFailed,
    Died,
    NotSettled,
    Uses,
    Age,
    Idle,
    Evicted,
}

/// <summary>One place in the pool, from the decision to start a process until nothing of it is left. Guarded by the pool's lock.</summary>
internal sealed class PooledAgent(AgentSpec spec, IAgentConnection connection, DateTimeOffset now, int maxUses, TimeSpan maxAge)
{
    public AgentSpec Spec { get; } = spec;

    public IAgentConnection Connection { get; } = connection;

    public PooledAgentState State { get; private set; } = PooledAgentState.Starting;

    public DateTimeOffset CreatedAt { get; } = now;

    public DateTimeOffset LastUsed { get; set; } = now;

    /// <summary>When it became warm: a timestamp, 0 until then.</summary>
    public long ReadyAt { get; set; }

    public int UseCount { get; set; }

    /// <summary>Ends a start that is no longer wanted.</summary>
    public CancellationTokenSource Opening { get; } = new();

    /// <summary>The start; never faults.</summary>
    public Task Opened { get; set; } = Task.CompletedTask;

    /// <summary>Completes when nothing of it is left and its place is free.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The limit that this agent has reached, if any. Its own limits are jittered so that a pool does not turn over at once.</summary>
    public EndReason? LimitReached(DateTimeOffset now) =>
        maxUses > 0 && UseCount >= maxUses ? EndReason.Uses
        : maxAge > TimeSpan.Zero && now - CreatedAt >= maxAge ? EndReason.Age
        : null;

    /// <summary>Changes the state; every legal move is listed here.</summary>
    public void MoveTo(PooledAgentState next)
    {
        bool legal = (State, next) is
            (PooledAgentState.Starting, PooledAgentState.Idle or PooledAgentState.Stopping)
            or (PooledAgentState.Idle, PooledAgentState.Leased or PooledAgentState.Stopping)
            or (PooledAgentState.Leased, PooledAgentState.Idle or PooledAgentState.Stopping)
            or (PooledAgentState.Stopping, PooledAgentState.Gone);
        if (!legal)
            throw new InvalidOperationException($"An agent cannot go from {State} to {next}.");
        State = next;
    }
}
