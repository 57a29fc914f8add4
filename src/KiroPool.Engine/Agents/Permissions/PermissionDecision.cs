namespace KiroPool;

/// <summary>What is answered to an agent that asks whether it may use a tool.</summary>
public enum PermissionDecision
{
    /// <summary>Not this time. The turn goes on without the tool.</summary>
    Reject,

    /// <summary>This time.</summary>
    Allow,

    /// <summary>
    /// This time, and the same tool again in the same session without a question. KiroPool remembers that; the agent is
    /// told "this once" each time, so nothing outlives the session.
    /// </summary>
    AllowAlways,
}
