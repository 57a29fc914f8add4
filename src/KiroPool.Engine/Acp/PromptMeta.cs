using System.Buffers;
using System.Text.Json;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

/// <summary>
/// The <c>_meta</c> of a prompt: the caller's object, the JSON Schema of the answer for agents that accept one, and the
/// span of the turn in the form of W3C Trace Context.
/// </summary>
internal static class PromptMeta
{
    private const string OutputSchema = "outputSchema";
    private const string TraceParent = "traceparent";

    /// <summary>The object; null if the prompt has nothing for it.</summary>
    public static JsonElement? Of(TurnRequest request)
    {
        if (request is { Meta: null, OutputSchema: null, TraceParent: null })
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (request.Meta is { } own)
                WriteOwn(json, own, request);
            if (request.OutputSchema is { } schema)
            {
                json.WritePropertyName(OutputSchema);
                json.WriteRawValue(schema);
            }

            if (request.TraceParent is { } span)
                json.WriteString(TraceParent, span);
            json.WriteEndObject();
        }

        return JsonSerializer.Deserialize(buffer.WrittenSpan, IncomingJson.Default.JsonElement);
    }

    private static void WriteOwn(Utf8JsonWriter json, string own, TurnRequest request)
    {
        using JsonDocument document = JsonDocument.Parse(own);
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            bool isReplaced = (member.NameEquals(OutputSchema) && request.OutputSchema is not null) || (member.NameEquals(TraceParent) && request.TraceParent is not null);
            if (!isReplaced)
                member.WriteTo(json);
        }
    }
}
