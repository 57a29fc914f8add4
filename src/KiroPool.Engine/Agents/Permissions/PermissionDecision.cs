namespace KiroPool;

/// <summary>The answer to an agent that asks to use a tool.</summary>
public enum PermissionDecision
{
    /// <summary>The tool is rejected this once. The turn goes on without it.</summary>
    Reject,

    /// <summary>The tool is allowed this once.</summary>
    Allow,

    /// <summary>
    /// The tool is allowed now and, without a question, again in the same session. KiroPool remembers this. The agent gets
    /// "allow once" each time, so no approval outlives the session.
    /// </summary>
    AllowAlways,
}
