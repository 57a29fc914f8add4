using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>A question to the client with a choice of answers.</summary>
/// <param name="Write">Writes the properties of the params object.</param>
/// <param name="Options">The ids that may be chosen, and what each of them means.</param>
internal sealed record PermissionRequest(FrameBody Write, IReadOnlyList<(string Id, string Meaning)> Options)
{
    public const string Method = "session/request_permission";

    private static readonly (string Id, string Name)[] V2Options =
    [
        ("allow_once", "Yes"),
        ("allow_always", "Always"),
        ("reject_once", "No"),
        ("reject_always", "Never"),
    ];

    public static PermissionRequest OfV2(string sessionId, string toolCallId, string kind, string title, bool legacyOptions) => new(
        json =>
        {
            json.WriteString("sessionId"u8, sessionId);
            json.WriteStartObject("toolCall"u8);
            json.WriteString("toolCallId"u8, toolCallId);
            json.WriteString("title"u8, title);
            json.WriteString("kind"u8, kind);
            json.WriteString("status"u8, "pending"u8);
            json.WriteEndObject();
            json.WriteStartArray("options"u8);
            foreach ((string id, string name) in V2Options)
            {
                json.WriteStartObject();
                json.WriteString(legacyOptions ? "id"u8 : "optionId"u8, id);
                json.WriteString(legacyOptions ? "label"u8 : "name"u8, name);
                json.WriteString("kind"u8, id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        },
        [.. V2Options.Select(option => (option.Id, option.Id))]);

    /// <summary>What the chosen option means, "cancelled", or "error" for an answer that is none.</summary>
    public string Outcome(JsonElement answer)
    {
        if (answer.TryGetProperty("result", out JsonElement result)
            && result.ValueKind == JsonValueKind.Object
            && result.TryGetProperty("outcome", out JsonElement outcome)
            && outcome.ValueKind == JsonValueKind.Object)
        {
            string? kind = outcome.TryString("outcome");
            if (kind == "cancelled")
                return kind;
            if (kind == "selected" && outcome.TryString("optionId") is { } option)
                return Options.FirstOrDefault(known => known.Id == option).Meaning ?? "error";
        }
        return "error";
    }
}
