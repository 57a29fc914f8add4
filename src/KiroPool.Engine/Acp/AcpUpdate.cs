using System.Text.Json;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The update of a <c>session/update</c>: its kind, and the text of its content if it is text. It is read in one pass,
/// because a text can be as long as a file, and finding its end costs as much as reading it.
/// </summary>
internal ref struct AcpUpdate
{
    private Utf8JsonReader _text;
    private bool _hasText;

    /// <summary>The <c>sessionUpdate</c>; empty if there is none.</summary>
    public string Kind { get; private set; }

    /// <summary>The whole update.</summary>
    public ReadOnlySpan<byte> Json { get; private set; }

    /// <summary>Reads the value after the reader's property name. The reader moves to its end.</summary>
    /// <param name="reader">A reader of <paramref name="parameters"/>.</param>
    /// <param name="parameters">Its input.</param>
    public static AcpUpdate Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> parameters)
    {
        var update = new AcpUpdate { Kind = "" };
        reader.Read();
        int start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.StartObject)
            update.ReadMembers(ref reader);
        else
            reader.Skip();
        update.Json = parameters[start..(int)reader.BytesConsumed];
        return update;
    }

    /// <summary>Returns a reader at the text; false for other kinds of content.</summary>
    public readonly bool TryGetText(out Utf8JsonReader text)
    {
        text = _text;
        return _hasText;
    }

    private void ReadMembers(scoped ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sessionUpdate"u8))
            {
                reader.Read();
                Kind = reader.ValueTextEquals("agent_message_chunk"u8) ? "agent_message_chunk" : reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                ReadContent(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    /// <summary>Looks for the text of a content block <c>{type, text}</c>.</summary>
    private void ReadContent(scoped ref Utf8JsonReader reader)
    {
        _hasText = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = !_hasText && reader.ValueTextEquals("text"u8);
            reader.Read();
            if (isText && reader.TokenType == JsonTokenType.String)
            {
                _text = reader;
                _hasText = true;
            }

            reader.Skip();
        }
    }
}
