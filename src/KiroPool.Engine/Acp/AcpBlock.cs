using System.Text;
using System.Text.Json;

namespace KiroPool.Engine.Acp;

/// <summary>The content of a chunk, where it is not the running text.</summary>
internal sealed record ChunkMessage(JsonElement Content);

/// <summary>Reads blocks of answers as agents send them, as forgiving as can be: a block of a strange shape is still a block.</summary>
internal static class AcpBlock
{
    /// <summary>The block of an <c>agent_message_chunk</c>; null for text, and where there is none.</summary>
    public static AnswerBlock? Read(ReadOnlySpan<byte> update)
    {
        if (JsonSerializer.Deserialize(update, IncomingJson.Default.ChunkMessage) is not { Content: { ValueKind: JsonValueKind.Object } content })
            return null;
        string type = Text(content, "type") ?? "unknown";
        if (type == "text")
            return null;
        JsonElement body = content.TryGetProperty("resource", out JsonElement resource) && resource.ValueKind == JsonValueKind.Object ? resource : content;
        string? text = Text(body, "text");
        byte[]? data = Bytes(body, "data") ?? Bytes(body, "blob");
        return new AnswerBlock
        {
            Type = type,
            MimeType = Text(body, "mimeType") ?? Text(content, "mimeType"),
            Name = Text(content, "title") ?? Text(content, "name"),
            Uri = Text(body, "uri") ?? Text(content, "uri"),
            Text = text,
            Data = data,
            Size = data?.LongLength ?? (text is null ? Number(body, "size") : Encoding.UTF8.GetByteCount(text)),
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    private static byte[]? Bytes(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : null;
}
