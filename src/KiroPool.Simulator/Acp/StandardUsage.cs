using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>What a turn cost, in the ways of the standard: money summed over the session, tokens of the turn.</summary>
internal static class StandardUsage
{
    public static void Update(FrameWriter wire, AcpSession session) => wire.Update(session.Id, "usage_update", json =>
    {
        json.WriteNumber("used"u8, 2000 * (session.History.Count + 1));
        json.WriteNumber("size"u8, 200_000);
        json.WriteStartObject("cost"u8);
        json.WriteNumber("amount"u8, session.CreditsUsed);
        json.WriteString("currency"u8, "USD"u8);
        json.WriteEndObject();
    });

    public static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("inputTokens"u8, 1200);
        json.WriteNumber("outputTokens"u8, 80);
        json.WriteNumber("cachedReadTokens"u8, 1000);
        json.WriteNumber("cachedWriteTokens"u8, 50);
        json.WriteNumber("totalTokens"u8, 2330);
        json.WriteEndObject();
    }
}
