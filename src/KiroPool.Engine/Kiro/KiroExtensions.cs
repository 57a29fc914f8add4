using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Kiro;

/// <summary>The extensions of kiro-cli to the protocol, and the texts that classify its errors.</summary>
internal static class KiroExtensions
{
    // Kiro trims white space before it looks for the slash. WORD JOINER is not white space, is invisible and changes no
    // word.
    private const string WordJoiner = "\u2060";

    public static bool IsKiro(string? agentName, string executable) =>
        agentName?.Contains("kiro", StringComparison.OrdinalIgnoreCase) == true
        || Path.GetFileName(executable).StartsWith("kiro-cli", StringComparison.OrdinalIgnoreCase);

    /// <summary>Prevents kiro-cli from running text that begins with a slash as a command.</summary>
    public static string KeepLiteral(string text) => text.AsSpan().TrimStart().StartsWith("/") ? WordJoiner + text : text;

    /// <summary>Converts an error answer of the agent to a failure.</summary>
    /// <param name="error">The agent's error.</param>
    /// <param name="doing">The interrupted action, for the message.</param>
    public static AgentException ToFailure(JsonRpcException error, string doing)
    {
        string end = error.Message.EndsWith('.') ? "" : ".";
        return new AgentException(Classify(error), $"The agent failed {doing}: {error.Message}{end}", error);
    }

    private static FailureKind Classify(JsonRpcException error)
    {
        string text = error.Message;
        return error.Code == JsonRpcException.AuthenticationRequired || Contains(text, "not logged in") ? FailureKind.SignInRequired
            : KnownFailure.IsQuota(text) ? FailureKind.QuotaExceeded
            : KnownFailure.IsThrottling(text) ? FailureKind.RateLimited
            : Contains(text, "active in another process") ? FailureKind.SessionLocked
            : FailureKind.AgentError;
    }

    private static bool Contains(string text, params ReadOnlySpan<string> parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
