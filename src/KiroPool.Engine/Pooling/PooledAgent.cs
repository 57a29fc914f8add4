using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

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

/// <summary>
/// One slot of the pool, from the decision to start a process until nothing of it is left. Guarded by the pool's lock.
/// Times are timestamps of the pool's clock: a step of the wall clock neither ages an agent nor keeps it.
/// </summary>
internal sealed class PooledAgent(AgentSpec spec, long now, AgentLimits limits)
{
    public AgentSpec Spec { get; } = spec;

    /// <summary>The connection, as far as decisions need it; null until the start is under way.</summary>
    public IAgentVitals? Vitals { get; set; }

    /// <summary>The process's own tasks. Decisions never look at them.</summary>
    public AgentLife Life { get; } = new();

    public PooledAgentState State { get; private set; } = PooledAgentState.Starting;

    public long LastUsed { get; set; } = now;

    /// <summary>When it became warm; when its start began, until then. Its age counts from here: a limit shorter than a start would replace it before it served.</summary>
    public long WarmSince { get; set; } = now;

    public int UseCount { get; set; }

    /// <summary>The conversations that live on it.</summary>
    public List<IResident> Residents { get; } = [];

    /// <summary>How many of their turns are running or settling.</summary>
    public int Turns { get; set; }

    /// <summary>Set when its tree was seen to use too much memory.</summary>
    public bool IsOverMemory { get; set; }

    /// <summary>The agent this one was started to replace.</summary>
    public PooledAgent? Replaces { get; init; }

    /// <summary>Set when its replacement is warm: it goes as soon as it is idle.</summary>
    public EndReason? Replaced { get; set; }

    /// <summary>Whether no further prompt can be served, though the news of it may still be on its way.</summary>
    public bool IsClosed => Vitals is { IsClosed: true };

    /// <summary>Whether its conversations can go on in another process.</summary>
    public bool CanLoadSessions => Vitals is { CanLoadSessions: true };

    /// <summary>Whether it can be ended between turns without a loss: conversations rest on it that can be resumed elsewhere.</summary>
    public bool IsSuspendable => State == PooledAgentState.Held && CanLoadSessions;

    /// <summary>Whether it must not serve once more, replacement or not.</summary>
    public bool IsUsedUp => limits.MostUses > 0 && UseCount >= limits.MostUses;

    /// <summary>Whether it goes when it is returned because its kind serves only once. It is no warm agent any more.</summary>
    public bool IsSpent => Spec.ServesOnce && UseCount > 0;

    /// <summary>Why it is due to be replaced, if it is. Until the replacement is warm it may go on serving.</summary>
    public EndReason? DueFor(TimeProvider time) =>
        limits.Uses > 0 && UseCount >= limits.Uses ? EndReason.Uses
        : limits.Age > TimeSpan.Zero && time.GetElapsedTime(WarmSince) >= limits.Age ? EndReason.Age
        : IsOverMemory && UseCount > 0 ? EndReason.Memory
        : null;

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
