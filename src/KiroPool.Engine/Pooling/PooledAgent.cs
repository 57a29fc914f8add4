using KiroPool.Engine.Agents;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Pooling;

/// <summary>What an agent of the pool is doing.</summary>
internal enum PooledAgentState
{
    Starting,
    Idle,
    Leased,

    /// <summary>Conversations live on it, and none has a turn.</summary>
    Held,
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
    Memory,
    Idle,
    Evicted,
    Suspended,
}

/// <summary>One place in the pool, from the decision to start a process until nothing of it is left. Guarded by the pool's lock.</summary>
internal sealed class PooledAgent(AgentSpec spec, IAgentConnection connection, DateTimeOffset now, AgentLimits limits)
{
    public AgentSpec Spec { get; } = spec;

    public IAgentConnection Connection { get; } = connection;

    public PooledAgentState State { get; private set; } = PooledAgentState.Starting;

    public DateTimeOffset CreatedAt { get; } = now;

    public DateTimeOffset LastUsed { get; set; } = now;

    /// <summary>When it became warm: a timestamp, 0 until then.</summary>
    public long ReadyAt { get; set; }

    /// <summary>When it became warm. Its age counts from here: a limit shorter than a start would replace it before it served.</summary>
    public DateTimeOffset WarmSince { get; set; } = now;

    public int UseCount { get; set; }

    /// <summary>The conversations that live on it.</summary>
    public List<SessionSeat> Residents { get; } = [];

    /// <summary>How many of their turns are running or settling.</summary>
    public int Turns { get; set; }

    /// <summary>Ends a start that is no longer wanted.</summary>
    public CancellationTokenSource Opening { get; } = new();

    /// <summary>The start; never faults.</summary>
    public Task Opened { get; set; } = Task.CompletedTask;

    /// <summary>Completes when nothing of it is left and its place is free.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set when its tree was seen to use too much memory.</summary>
    public bool IsOverMemory { get; set; }

    /// <summary>The agent this one was started to replace.</summary>
    public PooledAgent? Replaces { get; init; }

    /// <summary>Set when its replacement is warm: it goes as soon as it is idle.</summary>
    public EndReason? Replaced { get; set; }

    /// <summary>Why it is due to be replaced, if it is. Until the replacement is warm it may go on serving.</summary>
    public EndReason? DueFor(DateTimeOffset now) =>
        limits.Uses > 0 && UseCount >= limits.Uses ? EndReason.Uses
        : limits.Age > TimeSpan.Zero && now - WarmSince >= limits.Age ? EndReason.Age
        : IsOverMemory && UseCount > 0 ? EndReason.Memory
        : null;

    /// <summary>Whether it must not serve once more, replacement or not.</summary>
    public bool IsUsedUp => limits.MostUses > 0 && UseCount >= limits.MostUses;

    /// <summary>Whether it goes when it is given back because its kind serves only once. It is no warm agent any more.</summary>
    public bool IsSpent => Spec.ServesOnce && UseCount > 0;

    /// <summary>Changes the state; every legal move is listed here.</summary>
    public void MoveTo(PooledAgentState next)
    {
        bool legal = (State, next) is
            (PooledAgentState.Starting, PooledAgentState.Idle or PooledAgentState.Stopping)
            or (PooledAgentState.Idle, PooledAgentState.Leased or PooledAgentState.Stopping)
            or (PooledAgentState.Leased, PooledAgentState.Idle or PooledAgentState.Held or PooledAgentState.Stopping)
            or (PooledAgentState.Held, PooledAgentState.Leased or PooledAgentState.Idle or PooledAgentState.Stopping)
            or (PooledAgentState.Stopping, PooledAgentState.Gone);
        if (!legal)
            throw new InvalidOperationException($"An agent cannot go from {State} to {next}.");
        State = next;
    }
}
