using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>What <see cref="PoolState"/> decided under the lock and <see cref="AgentDispatcher"/> does after it has left the lock.</summary>
internal abstract record Decision
{
    /// <summary>Give the waiter the agent, which is leased to it already; as a turn where its conversation lives there already.</summary>
    public sealed record Serve(Waiter Waiter, PooledAgent Agent, bool WasWarm, bool IsTurn) : Decision;

    /// <summary>Fail the waiter.</summary>
    public sealed record Refuse(Waiter Waiter, AgentException Reason) : Decision;

    /// <summary>Start the process. Its slot is taken already.</summary>
    public sealed record Start(PooledAgent Agent) : Decision;

    /// <summary>End the process. Its slot is free once nothing of it is left.</summary>
    public sealed record End(PooledAgent Agent, EndReason Reason) : Decision;

    /// <summary>Starts of a key pause because they kept failing.</summary>
    public sealed record PauseStarts(AgentSpec Spec, TimeSpan Pause) : Decision;
}
