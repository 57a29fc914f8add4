using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The question whether a tool may run.</summary>
internal sealed class PermissionRequest(string sessionId, string toolCallId, string kind, string title, bool legacyOptions)
{
    public const string Method = "session/request_permission";

    private static readonly (string Id, string Name)[] Options =
    [
        ("allow_once", "Yes"),
        ("allow_always", "Always"),
        ("reject_once", "No"),
        ("reject_always", "Never"),
    ];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("sessionId"u8, sessionId);
        json.WriteStartObject("toolCall"u8);
        json.WriteString("toolCallId"u8, toolCallId);
        json.WriteString("title"u8, title);
        json.WriteString("kind"u8, kind);
        json.WriteString("status"u8, "pending"u8);
        json.WriteEndObject();
        json.WriteStartArray("options"u8);
        foreach ((string id, string name) in Options)
        {
            json.WriteStartObject();
            json.WriteString(legacyOptions ? "id"u8 : "optionId"u8, id);
            json.WriteString(legacyOptions ? "label"u8 : "name"u8, name);
            json.WriteString("kind"u8, id);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The chosen option's id, "cancelled", or "error" for an answer that is none.</summary>
    public static string Outcome(JsonElement answer)
    {
        if (answer.TryGetProperty("result", out JsonElement result)
            && result.ValueKind == JsonValueKind.Object
            && result.TryGetProperty("outcome", out JsonElement outcome)
            && outcome.ValueKind == JsonValueKind.Object)
        {
            string? kind = outcome.TryString("outcome");
            if (kind == "cancelled")
                return kind;
            if (kind == "selected" && outcome.TryString("optionId") is { } option && Options.Any(known => known.Id == option))
                return option;
        }
        return "error";
    }
}
