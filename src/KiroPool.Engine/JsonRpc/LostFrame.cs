using System.Text.Json;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// What can be told of a message whose line was too long to keep, from its beginning and its end: whose answer it was, or
/// what it was about. Whatever waited for it must learn that it is lost.
/// </summary>
internal readonly struct LostFrame
{
    private LostFrame(string? method, byte[]? id) => (Method, Id) = (method, id);

    public string? Method { get; }

    /// <summary>The id as it stood in the frame; null when there is none, or it cannot be told.</summary>
    public byte[]? Id { get; }

    /// <summary>Reads what there is; the default for a line that was no message.</summary>
    public static LostFrame Read(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        string? method = null;
        byte[]? id = null;
        try
        {
            // Not the final block: the reader stops where the kept part ends.
            var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 256 }));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return default;
            while (reader.Read() && (method is null || id is null))
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                bool isMethod = reader.ValueTextEquals("method"u8);
                bool isId = reader.ValueTextEquals("id"u8);
                if ((isMethod || isId) && reader.Read())
                    (method, id) = isMethod ? (Text(ref reader), id) : (method, Value(head, ref reader));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What was read so far.
        }

        return new LostFrame(method, id ?? LastId(tail));
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    private static byte[]? Value(ReadOnlySpan<byte> head, ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.Number or JsonTokenType.String ? head[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].ToArray() : null;

    /// <summary>The id where it is the frame's last member, as some senders write it.</summary>
    private static byte[]? LastId(ReadOnlySpan<byte> tail)
    {
        tail = tail.TrimEnd(" \t\r\n"u8);
        int at = tail.LastIndexOf("\"id\""u8);
        if (at < 0 || !tail.EndsWith("}"u8))
            return null;
        ReadOnlySpan<byte> value = tail[(at + 4)..^1].Trim(" \t"u8);
        if (value.IsEmpty || value[0] != (byte)':')
            return null;
        value = value[1..].Trim(" \t"u8);
        bool isNumber = !value.IsEmpty && value.Length <= 20 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        bool isText = value.Length > 1 && value[0] == (byte)'"' && value[1..].IndexOf((byte)'"') == value.Length - 2;
        return isNumber || isText ? value.ToArray() : null;
    }
}
