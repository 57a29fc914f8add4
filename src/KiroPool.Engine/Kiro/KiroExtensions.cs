using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Kiro;

/// <summary>What kiro-cli does beyond the protocol, and the texts by which its errors are told apart.</summary>
internal static class KiroExtensions
{
    // Kiro trims white space before it looks for the slash. WORD JOINER is not white space, shows as nothing and
    // changes no word.
    private const string WordJoiner = "\u2060";

    public static bool IsKiro(string? agentName, string executable) =>
        agentName?.Contains("kiro", StringComparison.OrdinalIgnoreCase) == true
        || Path.GetFileName(executable).StartsWith("kiro-cli", StringComparison.OrdinalIgnoreCase);

    /// <summary>Keeps a text that begins with a slash from being run as one of kiro-cli's commands.</summary>
    public static string KeepLiteral(string text) => text.AsSpan().TrimStart().StartsWith("/") ? WordJoiner + text : text;

    /// <summary>Makes a failure of an error the agent answered with.</summary>
    /// <param name="error">The agent's error.</param>
    /// <param name="doing">What was being done, for the message.</param>
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
