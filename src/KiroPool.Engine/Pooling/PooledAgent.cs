using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>The state of an agent of the pool.</summary>
internal enum PooledAgentState
{
    Starting,
    Idle,
    Leased,

    /// <summary>It is reserved for conversations that have no turn now.</summary>
    Held,
    Stopping,
    Gone,
}

/// <summary>
/// One slot of the pool, from the decision to start a process until its last process is gone. Guarded by the pool's lock.
/// Times are timestamps of the pool's clock, so that changes of the wall clock have no effect.
/// </summary>
internal sealed class PooledAgent(AgentSpec spec, PoolHost host, long now, AgentLimits limits)
{
    public AgentSpec Spec { get; } = spec;

    /// <summary>Where it runs.</summary>
    public PoolHost Host { get; } = host;

    /// <summary>The part of the connection that decisions need; null before the start.</summary>
    public IAgentVitals? Vitals { get; set; }

    /// <summary>The tasks of the process. Decisions never use them.</summary>
    public AgentLife Life { get; } = new();

    public PooledAgentState State { get; private set; } = PooledAgentState.Starting;

    public long LastUsed { get; set; } = now;

    /// <summary>The time when it became warm, or until then when its start began. Its age counts from here, so that a limit shorter than a start does not replace it before it served.</summary>
    public long WarmSince { get; set; } = now;

    public int UseCount { get; set; }

    /// <summary>The conversations that live on it.</summary>
    public List<IResident> Residents { get; } = [];

    /// <summary>The number of their running or settling turns.</summary>
    public int Turns { get; set; }

    /// <summary>Set when its tree uses too much memory.</summary>
    public bool IsOverMemory { get; set; }

    /// <summary>The agent that this one replaces.</summary>
    public PooledAgent? Replaces { get; init; }

    /// <summary>Set when its replacement is warm. It ends as soon as it is idle.</summary>
    public EndReason? Replaced { get; set; }

    /// <summary>Whether no further prompt can be served. This may be known before the event.</summary>
    public bool IsClosed => Vitals is { IsClosed: true };

    /// <summary>Whether its conversations can be resumed in another process.</summary>
    public bool CanLoadSessions => Vitals is { CanLoadSessions: true };

    /// <summary>Whether it can be ended between turns without a loss, because all its conversations can be resumed.</summary>
    public bool IsSuspendable => State == PooledAgentState.Held && CanLoadSessions;

    /// <summary>Whether named conversations that cannot be resumed elsewhere keep it until they are removed. A temporary one ends by itself.</summary>
    public bool HoldsItsSlot => State == PooledAgentState.Held && !CanLoadSessions && !IsClosed && Residents.TrueForAll(resident => resident.Name.Length > 0);

    /// <summary>Whether it must not serve again, even without a replacement.</summary>
    public bool IsUsedUp => limits.MostUses > 0 && UseCount >= limits.MostUses;

    /// <summary>Whether it ends when it is returned, because its kind serves only once. It no longer counts as warm.</summary>
    public bool IsSpent => Spec.ServesOnce && UseCount > 0;

    /// <summary>The reason for its replacement, if there is one. It may serve until the replacement is warm.</summary>
    public EndReason? DueFor(TimeProvider time) =>
        limits.Uses > 0 && UseCount >= limits.Uses ? EndReason.Uses
        : limits.Age > TimeSpan.Zero && time.GetElapsedTime(WarmSince) >= limits.Age ? EndReason.Age
        : IsOverMemory && UseCount > 0 ? EndReason.Memory
        : null;

    /// <summary>Changes the state. All legal moves are listed here.</summary>
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
        Host.Busy += (next == PooledAgentState.Leased ? 1 : 0) - (State == PooledAgentState.Leased ? 1 : 0);
        State = next;
    }
}
