using System.Globalization;

namespace KiroPool;

/// <summary>The use of an account's quota, as the agent reports it.</summary>
public sealed record AccountUsage
{
    /// <summary>The name of the plan; empty if the agent does not report it.</summary>
    public string Plan { get; init; } = "";

    /// <summary>The quotas of the account.</summary>
    public IReadOnlyList<QuotaUsage> Quotas { get; init; } = [];

    /// <summary>Whether more than the quota can be used, for money.</summary>
    public bool OveragesEnabled { get; init; }

    /// <summary>When the quotas are renewed; null if the agent does not report it.</summary>
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>When this was read.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>The credits that are left in the quotas, 0 or more; null if the agent reports no limit.</summary>
    public decimal? CreditsLeft =>
        Quotas.Where(quota => quota.IsCredits).ToArray() is { Length: > 0 } credits && credits.All(quota => quota.Limit is not null)
            ? credits.Sum(quota => Math.Max(0, quota.Limit!.Value - quota.Used))
            : null;

    /// <summary>The quotas in one line.</summary>
    public override string ToString()
    {
        string quotas = string.Join(", ", Quotas);
        string plan = Plan.Length == 0 ? "" : $" ({Plan})";
        string renewed = RenewedAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", renewed on {at:yyyy-MM-dd}") : "";
        return $"{quotas}{plan}{renewed}";
    }
}

/// <summary>The use of one quota.</summary>
public sealed record QuotaUsage
{
    /// <summary>The name, for example Credits.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether prompts are paid from it.</summary>
    public bool IsCredits { get; init; }

    /// <summary>The used amount.</summary>
    public decimal Used { get; init; }

    /// <summary>The limit; null if there is none.</summary>
    public decimal? Limit { get; init; }

    /// <summary>The amount used beyond the limit.</summary>
    public decimal Overages { get; init; }

    /// <summary>The price of the overages, in <see cref="Currency"/>.</summary>
    public decimal OverageCharges { get; init; }

    /// <summary>The currency of the charges; empty if the agent does not report it.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The use in words: 12.5 of 1,000 Credits used.</summary>
    public override string ToString()
    {
        string limit = Limit is { } most ? string.Create(CultureInfo.InvariantCulture, $" of {most:#,0.##}") : "";
        string charges = OverageCharges > 0 ? string.Create(CultureInfo.InvariantCulture, $", {OverageCharges:0.##} {Currency} charged for overages") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Used:#,0.##}{limit} {Name} used{charges}");
    }
}
