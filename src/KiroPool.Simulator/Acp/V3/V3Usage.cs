using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The answer of v3 about the quota of the account, in the shape that was recorded.</summary>
internal static class V3Usage
{
    public static void Write(Utf8JsonWriter json, AccountSetting account, double more)
    {
        json.WriteBoolean("success"u8, account.Refused is null);
        json.WriteString("message"u8, account.Refused ?? "Usage loaded");
        if (account.Refused is not null)
            return;
        double used = account.Used + more;
        double over = Math.Max(0, used - account.Limit);
        json.WriteStartObject("data"u8);
        json.WriteString("planName"u8, account.Plan);
        json.WriteString("billingCycleReset"u8, account.Reset);
        json.WriteBoolean("overagesEnabled"u8, account.Overages);
        json.WriteBoolean("isEnterprise"u8, false);
        json.WriteStartArray("usageBreakdowns"u8);
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "CREDIT"u8);
        json.WriteString("displayName"u8, "Credits"u8);
        json.WriteNumber("used"u8, used - over);
        json.WriteNumber("limit"u8, account.Limit);
        json.WriteNumber("percentage"u8, 100 * (used - over) / account.Limit);
        json.WriteNumber("currentOverages"u8, over);
        json.WriteNumber("overageRate"u8, 0.04);
        json.WriteNumber("overageCharges"u8, 0.04 * over);
        json.WriteString("currency"u8, "USD"u8);
        json.WriteBoolean("hasLimit"u8, true);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("bonusCredits"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
