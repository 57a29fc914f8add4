using System.Globalization;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Kiro;

/// <summary>V3's answer about the quota of the account. It is read member by member, because each of them may be missing or have another type.</summary>
internal sealed record KiroUsage(string? Message, JsonElement Success, JsonElement Data)
{
    /// <summary>Whether an error says that this version has no such method.</summary>
    public static bool IsUnknown(JsonRpcException error) =>
        error.Code == JsonRpcException.MethodNotFound || $"{error.RpcMessage} {error.Message}".Contains("ext method", StringComparison.OrdinalIgnoreCase);

    /// <summary>The report; null if the answer contains none.</summary>
    public AccountUsage? ToAccount(DateTimeOffset now)
    {
        QuotaUsage[] quotas = [.. Quotas("usageBreakdowns", "Credits", areCredits: false), .. Quotas("bonusCredits", "Bonus credits", areCredits: true), .. Quotas("addOnCredits", "Bonus credits", areCredits: true)];
        return Success.ValueKind == JsonValueKind.False || quotas.Length == 0 ? null : new AccountUsage
        {
            Plan = Text(Data, "planName") ?? "",
            RenewedAt = DateTimeOffset.TryParse(Text(Data, "billingCycleReset"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset reset) ? reset : null,
            OveragesEnabled = Data.TryGetProperty("overagesEnabled", out JsonElement overages) && overages.ValueKind == JsonValueKind.True,
            Quotas = quotas,
            ReadAt = now,
        };
    }

    private IEnumerable<QuotaUsage> Quotas(string list, string unnamed, bool areCredits) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(list, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(item => Quota(item, unnamed, areCredits))
            : [];

    private static QuotaUsage Quota(JsonElement item, string unnamed, bool areCredits) => new()
    {
        Name = Text(item, "displayName") ?? Text(item, "resourceType") ?? unnamed,
        IsCredits = areCredits || (Text(item, "resourceType") ?? Text(item, "displayName") ?? unnamed).StartsWith("credit", StringComparison.OrdinalIgnoreCase),
        Used = Number(item, "used") ?? 0,
        Limit = item.TryGetProperty("hasLimit", out JsonElement hasLimit) && hasLimit.ValueKind == JsonValueKind.False ? null : Number(item, "limit"),
        Overages = Number(item, "currentOverages") ?? 0,
        OverageCharges = Number(item, "overageCharges") ?? 0,
        Currency = Text(item, "currency") ?? "",
    };

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? TerminalText.Harmless(text) : null;

    private static decimal? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? TurnMeter.Amount(number) : null;
}
