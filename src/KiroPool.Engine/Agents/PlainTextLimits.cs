namespace KiroPool.Engine.Agents;

/// <summary>What a protocol cannot do, each with the one that can.</summary>
internal static class PlainTextLimits
{
    /// <summary>Refuses a conversation of several turns where there can be none.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNoConversations(AgentSpec spec)
    {
        if (spec.Protocol == AgentProtocol.Chat)
            throw NoConversations();
    }

    /// <summary>Refuses settings that the spec's protocol has no way to keep.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNotSupported(AgentSpec spec)
    {
        if (spec.Text.ResumeConversation && spec.Protocol != AgentProtocol.Chat)
            throw new AgentException(FailureKind.NotSupported, $"{spec.Protocol} does not continue the newest conversation of a directory. Use the protocol Chat, or hold the conversation in a session.");
        if (spec.Text.ReuseProcesses && spec.Protocol == AgentProtocol.Chat)
            throw new AgentException(FailureKind.NotSupported, "A Chat process answers one prompt and ends, so it cannot be used again. Use the protocol Acp or Delimited.");
        if (spec.Engine is { } engine && spec.Protocol != AgentProtocol.Acp)
            throw new AgentException(FailureKind.NotSupported, "kiro-cli's engine can be chosen with the protocol Acp only.") { Value = engine };
    }

    public static AgentException NoConversations() =>
        new(FailureKind.NotSupported, "A Chat process answers one prompt and ends, so it holds no conversation. Use the protocol Acp or Delimited.");
}
