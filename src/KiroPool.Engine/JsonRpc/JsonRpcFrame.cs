using System.Text;
using System.Text.Json;

namespace KiroPool.Engine.JsonRpc;

/// <summary>
/// The outer members of one JSON-RPC message, as slices of its line. Their content is not validated here. A frame with
/// an id and no method is a response: the ids of the two directions are independent and may collide.
/// </summary>
internal readonly ref struct JsonRpcFrame
{
    public string? Method { get; private init; }

    /// <summary>The id as written in the frame, including quotes; empty if there is none.</summary>
    public ReadOnlySpan<byte> Id { get; private init; }

    public ReadOnlySpan<byte> Params { get; private init; }

    public ReadOnlySpan<byte> Result { get; private init; }

    public ReadOnlySpan<byte> Error { get; private init; }

    public bool IsRequest => Method is not null && !Id.IsEmpty;

    public bool IsNotification => Method is not null && Id.IsEmpty;

    public bool IsResponse => Method is null && !Id.IsEmpty;

    /// <summary>Reads a line. Returns false unless it is one JSON object with an id or a method.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, RecentNames methods, out JsonRpcFrame frame)
    {
        frame = default;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;

            string? method = null;
            ReadOnlySpan<byte> id = default, parameters = default, result = default, error = default;
            bool isComplete = false;
            int length = 0;
            while (!isComplete && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                Member member = Identify(ref reader);
                reader.Read();
                if (member == Member.Method && reader.TokenType == JsonTokenType.String)
                    method = methods.Read(ref reader);
                else if (member == Member.Method && reader.TokenType != JsonTokenType.Null)
                    return false;

                int start = (int)reader.TokenStartIndex;
                isComplete = reader.TokenType == JsonTokenType.StartObject && EndsWithObject(line[start..], out length);
                if (!isComplete)
                {
                    reader.Skip();
                    length = (int)reader.BytesConsumed - start;
                }

                ReadOnlySpan<byte> value = line.Slice(start, length);
                switch (member)
                {
                    case Member.Id when reader.TokenType is JsonTokenType.Number or JsonTokenType.String:
                        id = value;
                        break;
                    case Member.Params:
                        parameters = value;
                        break;
                    case Member.Result:
                        result = value;
                        break;
                    case Member.Error:
                        error = value;
                        break;
                }
            }

            // One more read ensures that the line contains only this value.
            if (!isComplete && (reader.TokenType != JsonTokenType.EndObject || reader.Read()))
                return false;

            frame = new JsonRpcFrame { Method = method, Id = id, Params = parameters, Result = result, Error = error };
            return method is not null || !id.IsEmpty;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether this is an object followed only by the end of the message, as senders usually write it. Then the object,
    /// which may be as long as a file, need not be parsed to find its end.
    /// </summary>
    private static bool EndsWithObject(ReadOnlySpan<byte> rest, out int length)
    {
        length = JsonScan.ObjectLength(rest);
        return length > 0 && rest[length..].Trim(" \t\r\n"u8).SequenceEqual("}"u8);
    }

    private enum Member
    {
        Other,
        Id,
        Method,
        Params,
        Result,
        Error,
    }

    private static Member Identify(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("id"u8) ? Member.Id
        : reader.ValueTextEquals("method"u8) ? Member.Method
        : reader.ValueTextEquals("params"u8) ? Member.Params
        : reader.ValueTextEquals("result"u8) ? Member.Result
        : reader.ValueTextEquals("error"u8) ? Member.Error
        : Member.Other;
}
