using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The texts that identify failures of kiro-cli, whatever their code.</summary>
internal static class KnownFailure
{
    /// <summary>The failure of the account in a text, if there is one.</summary>
    public static FailureKind? OfAccount(string text) =>
        IsQuota(text) ? FailureKind.QuotaExceeded
        : IsThrottling(text) ? FailureKind.RateLimited
        : Contains(text, "not logged in", "log in first", "please log in", "api key has expired", "expired api key", "invalid api key", "token has expired", "authentication failed", "unauthorized") ? FailureKind.SignInRequired
        : null;

    /// <summary>Whether the quota of the account is used up.</summary>
    public static bool IsQuota(string text) => Contains(text, "request limit reached", "quota", "usage limit");

    /// <summary>Whether the account is throttled.</summary>
    public static bool IsThrottling(string text) => Contains(text, "too many requests", "rate limit", "rate_limit", "throttl");

    /// <summary>Whether a text says that the requested agent or model was not found or was replaced, and which of them.</summary>
    public static FailureKind? OfName(string text, AgentSpec spec)
    {
        foreach (string line in text.Split('\n'))
        {
            if (Names(line, spec.Model) && Contains(line, "model") && SaysMissing(line))
                return FailureKind.ModelNotFound;
            if (Names(line, spec.Agent) && Contains(line, "agent") && SaysMissing(line))
                return FailureKind.AgentNotFound;
        }

        return null;
    }

    private static bool Names(string line, string? name) => name is not null && line.Contains(name, StringComparison.OrdinalIgnoreCase);

    private static bool SaysMissing(string line) => Contains(line, "not found", "does not exist", "no agent with name", "not available", "unknown model", "invalid model", "falling back");

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
