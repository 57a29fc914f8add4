using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The frames an agent sends, in the shapes of the protocol schema.</summary>
internal static class Frames
{
    /// <param name="wire">Where to.</param>
    /// <param name="requestId">The request's id as raw JSON, echoed as it came.</param>
    /// <param name="result">Writes the properties of the result object.</param>
    public static void Respond(this FrameWriter wire, string requestId, FrameBody? result = null) => wire.Send(json =>
    {
        json.WritePropertyName("id"u8);
        json.WriteRawValue(requestId, skipInputValidation: true);
        json.WriteStartObject("result"u8);
        result?.Invoke(json);
        json.WriteEndObject();
    });

    public static void Fail(this FrameWriter wire, string requestId, RpcException error) => wire.Send(json =>
    {
        json.WritePropertyName("id"u8);
        json.WriteRawValue(requestId, skipInputValidation: true);
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.Code);
        json.WriteString("message"u8, error.Title);
        error.WriteData?.Invoke(json);
        json.WriteEndObject();
    });

    public static void Request(this FrameWriter wire, string requestId, string method, FrameBody parameters) => wire.Send(json =>
    {
        json.WritePropertyName("id"u8);
        json.WriteRawValue(requestId, skipInputValidation: true);
        json.WriteString("method"u8, method);
        json.WriteStartObject("params"u8);
        parameters(json);
        json.WriteEndObject();
    });

    public static void Notify(this FrameWriter wire, string method, FrameBody parameters) => wire.Send(json =>
    {
        json.WriteString("method"u8, method);
        json.WriteStartObject("params"u8);
        parameters(json);
        json.WriteEndObject();
    });

    public static void Update(this FrameWriter wire, string sessionId, string kind, FrameBody update) =>
        wire.Notify("session/update", json =>
        {
            json.WriteString("sessionId"u8, sessionId);
            json.WriteStartObject("update"u8);
            json.WriteString("sessionUpdate"u8, kind);
            update(json);
            json.WriteEndObject();
        });

    public static void Chunk(this FrameWriter wire, string sessionId, string kind, ReadOnlyMemory<char> text, FrameBody? meta = null) =>
        wire.Update(sessionId, kind, json =>
        {
            json.WriteStartObject("content"u8);
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, text.Span);
            json.WriteEndObject();
            json.WriteKiroMeta(meta);
        });

    /// <summary>Writes <c>_meta.kiro</c>, where v3 says what the standard has no word for.</summary>
    public static void WriteKiroMeta(this Utf8JsonWriter json, FrameBody? properties)
    {
        if (properties is null)
            return;
        json.WriteStartObject("_meta"u8);
        json.WriteStartObject("kiro"u8);
        properties(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
