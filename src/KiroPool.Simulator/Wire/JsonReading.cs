using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Reads parameters strictly: a client that sends other shapes than the schema's must hear of it.</summary>
internal static class JsonReading
{
    public static string String(this JsonElement parent, string name) =>
        parent.TryString(name) ?? throw RpcException.Invalid($"{name} must be a string");

    public static string? TryString(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public static void RequireArray(this JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.Array)
            throw RpcException.Invalid($"{name} must be an array");
    }
}
