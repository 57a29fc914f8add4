using System.Text.Json;

namespace KiroPool.Engine.JsonRpc;

/// <summary>A JSON-RPC error answer of the agent.</summary>
internal sealed class JsonRpcException(int code, string message, string? data, JsonElement details = default)
    : Exception(string.IsNullOrWhiteSpace(data) ? message : data)
{
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;

    /// <summary>The answer to a request that its sender has cancelled.</summary>
    public const int RequestCancelled = -32800;

    // The texts of the protocol itself. They say little without the data.
    private static readonly string[] Titles =
        ["Parse error", "Invalid request", "Method not found", "Invalid params", "Internal error", "Resource not found", "Server error"];

    public int Code { get; } = code;

    /// <summary>The unchanged data; undefined without data.</summary>
    public JsonElement Details { get; } = details;

    /// <summary>The text of the protocol, often just "Internal error". <see cref="Exception.Message"/> prefers the data.</summary>
    public string RpcMessage { get; } = message;

    /// <summary>Reads an error object and tolerates any shape: an error must stay an error.</summary>
    public static JsonRpcException Parse(ReadOnlySpan<byte> error)
    {
        int code = InternalError;
        string message = "The agent reported an error without a message.";
        string? data = null;
        JsonElement details = default;
        try
        {
            var reader = new Utf8JsonReader(error);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return new JsonRpcException(code, root.ToString(), null);
            if (root.TryGetProperty("code", out JsonElement c) && c.ValueKind == JsonValueKind.Number && c.TryGetInt32(out int number))
                code = number;
            if (root.TryGetProperty("message", out JsonElement m) && m.ValueKind == JsonValueKind.String)
                message = m.GetString()!;
            if (root.TryGetProperty("data", out JsonElement d))
                (data, details) = (Text(message, d), d.Clone());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The code and message read so far, or the defaults above.
        }

        return new JsonRpcException(code, message, data, details);
    }

    /// <summary>
    /// Some agents put the real text into <c>data</c> as a string; others nest it in an object. Data without a text is added
    /// only to a text of the protocol itself (<c>{"sessionId": …}</c>), not to a sentence.
    /// </summary>
    private static string? Text(string message, JsonElement data) => data.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => data.GetString(),
        JsonValueKind.Object when data.TryGetProperty("message", out JsonElement m) && m.ValueKind == JsonValueKind.String => m.GetString(),
        JsonValueKind.Object when data.TryGetProperty("details", out JsonElement m) && m.ValueKind == JsonValueKind.String => m.GetString(),
        JsonValueKind.Object when !data.EnumerateObject().Any() || data.TryGetProperty("errorType", out _) => null,
        _ when message.Contains(' ', StringComparison.Ordinal) && !Titles.Any(title => message.Contains(title, StringComparison.OrdinalIgnoreCase)) => null,
        _ => $"{message} ({data.GetRawText()})",
    };
}
