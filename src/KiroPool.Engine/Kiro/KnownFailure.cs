using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The texts by which failures of kiro-cli are known, whatever code comes with them.</summary>
internal static class KnownFailure
{
    /// <summary>What of the account stands in the way, if a text says so.</summary>
    public static FailureKind? OfAccount(string text) =>
        IsQuota(text) ? FailureKind.QuotaExceeded
        : IsThrottling(text) ? FailureKind.RateLimited
        : Contains(text, "not logged in", "log in first", "please log in", "api key has expired", "expired api key", "invalid api key", "token has expired", "authentication failed", "unauthorized") ? FailureKind.SignInRequired
        : null;

    /// <summary>Whether the account's quota is used up.</summary>
    public static bool IsQuota(string text) => Contains(text, "request limit reached", "quota", "usage limit");

    /// <summary>Whether the account is being throttled.</summary>
    public static bool IsThrottling(string text) => Contains(text, "too many requests", "rate limit", "rate_limit", "throttl");

    /// <summary>Whether the agent or the model that was asked for is the one that was not found, or was replaced by another one.</summary>
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
