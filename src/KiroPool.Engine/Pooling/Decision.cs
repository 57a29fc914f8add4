using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>A decision of <see cref="PoolState"/> under the lock, which <see cref="AgentDispatcher"/> carries out after it.</summary>
internal abstract record Decision
{
    /// <summary>Give the waiter the agent, which is already leased to it; as a turn if its conversation lives there.</summary>
    public sealed record Serve(Waiter Waiter, PooledAgent Agent, bool WasWarm, bool IsTurn) : Decision;

    /// <summary>Fail the waiter.</summary>
    public sealed record Refuse(Waiter Waiter, AgentException Reason) : Decision;

    /// <summary>Start the process. Its slot is already taken.</summary>
    public sealed record Start(PooledAgent Agent) : Decision;

    /// <summary>End the process. Its slot is free when no process of its tree is left.</summary>
    public sealed record End(PooledAgent Agent, EndReason Reason) : Decision;

    /// <summary>Pause the starts of a key after repeated failures.</summary>
    public sealed record PauseStarts(TimeSpan Pause) : Decision;

    /// <summary>Pause the starts on a host after it could not be used; without a pause there is no further one.</summary>
    public sealed record BrakeHost(AgentException Failure, bool IsFirst, TimeSpan? Pause) : Decision;

    /// <summary>Start again on a host that could not be used before.</summary>
    public sealed record ReleaseHost(PoolHost Host) : Decision;

    /// <summary>End all agents: the pool was closed, and no accepted prompt is left.</summary>
    public sealed record Drained : Decision;
}
