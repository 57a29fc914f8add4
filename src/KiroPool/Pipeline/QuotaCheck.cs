using System.Globalization;
using KiroPool.Engine;

namespace KiroPool.Pipeline;

/// <summary>Compares the quota of the account with a batch before it runs, if the agents report the quota.</summary>
internal static class QuotaCheck
{
    // The service of the account is asked at most once a minute for one pool.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    /// <summary>Reads the quota.</summary>
    /// <returns>What the user must know; null if there is nothing.</returns>
    public static async Task<string?> ReadAsync(AgentPool pool, decimal? maxCredits, CancellationToken cancellationToken)
    {
        try
        {
            return await pool.ReadUsageAsync(MaxAge, cancellationToken).ConfigureAwait(false) is { } usage ? Compare(usage, maxCredits) : null;
        }
        catch (AgentException)
        {
            // The prompts show whether the account can be used.
            return null;
        }
    }

    internal static string? Compare(AccountUsage usage, decimal? maxCredits)
    {
        if (usage.CreditsLeft is not { } left)
            return null;
        if (left == 0)
            return $"The credits of the account are used up: {usage}. {(usage.OveragesEnabled ? "Prompts are charged as overages." : "Prompts will fail until they are renewed.")}";
        return left < maxCredits
            ? string.Create(CultureInfo.InvariantCulture, $"The account has {left:#,0.##} credits left, fewer than the {maxCredits:#,0.##} of -MaxCredits: {usage}.")
            : null;
    }
}
