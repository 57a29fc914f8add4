using System.Text.Json;

namespace KiroPool.Engine.Acp;

/// <summary>Reads the slash commands that an agent offers. Bounded, because the agent names them.</summary>
internal static class AgentCommands
{
    private const int Most = 200;
    private const int LongestName = 100;

    /// <summary>The names without the slash; none if the message has no list.</summary>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> update)
    {
        var reader = new Utf8JsonReader(update);
        using JsonDocument message = JsonDocument.ParseValue(ref reader);
        if (message.RootElement.ValueKind != JsonValueKind.Object || !message.RootElement.TryGetProperty("availableCommands", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return [];
        return
        [
            .. list.EnumerateArray()
                .Where(one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String)
                .Select(one => one.GetProperty("name").GetString()!.TrimStart('/'))
                .Where(name => name.Length is > 0 and <= LongestName && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Take(Most),
        ];
    }
}
