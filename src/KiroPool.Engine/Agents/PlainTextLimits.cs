namespace KiroPool.Engine.Agents;

/// <summary>Refuses requests that a protocol does not support, and names the protocol that does.</summary>
internal static class PlainTextLimits
{
    /// <summary>Refuses a conversation of several turns if the protocol has none.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNoConversations(AgentSpec spec)
    {
        if (spec.Protocol == AgentProtocol.Chat)
            throw NoConversations();
    }

    /// <summary>Refuses settings that the protocol of the spec does not support.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNotSupported(AgentSpec spec)
    {
        if (spec.Text.ResumeConversation && spec.Protocol != AgentProtocol.Chat)
            throw new AgentException(FailureKind.NotSupported, $"The protocol {spec.Protocol} cannot continue the newest conversation of a directory. Use the protocol Chat, or a session.");
        if (spec.Text.ReuseProcesses && spec.Protocol == AgentProtocol.Chat)
            throw new AgentException(FailureKind.NotSupported, "A Chat process answers one prompt and ends, so it cannot be reused. Use the protocol Acp or Delimited.");
        if (spec.Protocol != AgentProtocol.Acp && !spec.Session.Equals(SessionSettings.Default))
            throw new AgentException(FailureKind.NotSupported, $"The protocol {spec.Protocol} has no MCP servers, options, additional directories, system prompt or metadata of sessions. Use the protocol Acp.");
        if (spec.Engine is { } engine && spec.Protocol == AgentProtocol.Delimited)
            throw new AgentException(FailureKind.NotSupported, "-Engine needs the protocol Acp or Chat.") { Value = engine };
    }

    public static AgentException NoConversations() =>
        new(FailureKind.NotSupported, "A Chat process answers one prompt and ends, so it has no conversation. Use the protocol Acp or Delimited.");
}
