namespace KiroPool.Engine.Agents;

/// <summary>
/// What the pool reads of a connection while it decides. Every member is a plain field of our own: the pool reads them
/// under its lock.
/// </summary>
internal interface IAgentVitals
{
    /// <summary>Whether no further prompt can be served: the process ended, its pipe broke, or it broke the protocol.</summary>
    bool IsClosed { get; }

    /// <summary>Whether the process must not serve again, though it may still run.</summary>
    bool IsSpoilt => false;

    /// <summary>Whether the next stand-alone prompt would not have to wait for its session.</summary>
    bool IsSessionReady { get; }

    /// <summary>Whether the agent can resume a conversation that another process held. Known once the agent is warm.</summary>
    bool CanLoadSessions => false;

    /// <summary>How many conversations one process can hold at the same time, strictly apart.</summary>
    int MostConversations => int.MaxValue;
}
