namespace KiroPool.Interactive;

/// <summary>What to do about a failed turn of a conversation. Other advice names parameters that a conversation does not have.</summary>
internal static class ConversationAdvice
{
    /// <summary>The remedy; null where there is none to give.</summary>
    public static string? For(FailureKind kind) => kind switch
    {
        FailureKind.SessionLost or FailureKind.SessionLocked => "Type /new to start a new conversation, or /exit to leave.",
        FailureKind.RateLimited => "Wait a little and send the line again.",
        FailureKind.QuotaExceeded => "Raise the account's quota, or wait until it is renewed.",
        FailureKind.AgentError or FailureKind.ProtocolViolation => "Change the line or send it again. /new starts a new conversation.",
        FailureKind.AgentDied => "Check what the agent has done before you send the line again.",
        FailureKind.AgentSilent => "Send the line again. /new starts a new conversation.",
        FailureKind.SignInRequired => "Run kiro-cli login, and enter the conversation again.",
        FailureKind.SessionRemoved or FailureKind.PoolStopped => "Leave with /exit.",
        FailureKind.PoolHeldBySessions => "Remove a session with Remove-KiroSession.",
        _ => null,
    };
}
