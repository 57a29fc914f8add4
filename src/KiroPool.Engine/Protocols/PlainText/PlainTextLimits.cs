using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Protocols.PlainText;

/// <summary>What plain text cannot do, each with the protocol that can.</summary>
internal static class PlainTextLimits
{
    /// <summary>Refuses a conversation of several turns where there can be none.</summary>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNoConversations(AgentSpec spec)
    {
        if (spec.Protocol == AgentProtocol.Chat)
            throw NoConversations();
    }

    public static AgentException NoConversations() =>
        new(FailureKind.NotSupported, "A Chat process answers one prompt and ends, so it holds no conversation. Use the protocol Acp or Delimited.");
}
