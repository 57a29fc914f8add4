namespace KiroPool.Engine.Agents;

/// <summary>
/// The values of a connection that the pool uses in its decisions. Every member is a plain field, because the pool uses
/// it under its lock.
/// </summary>
internal interface IAgentVitals
{
    /// <summary>Whether no further prompt can be served: the process ended, its pipe broke, or it broke the protocol.</summary>
    bool IsClosed { get; }

    /// <summary>Whether the process must not serve again, although it may still run.</summary>
    bool IsSpoilt => false;

    /// <summary>Whether a session for the next stand-alone prompt is ready.</summary>
    bool IsSessionReady { get; }

    /// <summary>Whether the agent can resume a conversation of another process. Known when the agent is warm.</summary>
    bool CanLoadSessions => false;

    /// <summary>Whether the link to its host is late. Other agents are preferred then.</summary>
    bool IsDoubtful => false;

    /// <summary>The number of separate conversations that one process can have at the same time.</summary>
    int MostConversations => int.MaxValue;

    /// <summary>Whether the process has conversations that can be resumed. It then gets a longer grace to save them.</summary>
    bool HoldsConversations
    {
        get => false;
        set { }
    }
}
