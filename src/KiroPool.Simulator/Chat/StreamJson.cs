using System.Buffers;
using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>Writes the lines of <c>--output-format stream-json</c>: an object with a type and its data each.</summary>
internal sealed class StreamJson(SimulatorSettings settings, ByteWriter write)
{
    public void RunStarted(string engine)
    {
        Noise("[INFO] [KiroAgent] MCP subsystem initialized");
        Line("runStarted", json =>
        {
            json.WriteString("payloadSchema"u8, "acp"u8);
            json.WriteNumber("acpProtocolVersion"u8, 1);
            json.WriteString("engine"u8, engine);
        });
    }

    public void Update(string sessionId, FrameBody update) => Line("sessionUpdate", json =>
    {
        json.WriteString("sessionId"u8, sessionId);
        json.WriteStartObject("update"u8);
        update(json);
        json.WriteEndObject();
    });

    public void Chunk(string sessionId, string text) => Update(sessionId, json =>
    {
        json.WriteString("sessionUpdate"u8, "agent_message_chunk"u8);
        json.WriteStartObject("content"u8);
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    });

    public void Metadata(string sessionId, double contextPercent, double? credits, long ms) => Line("metadata", json =>
    {
        json.WriteString("sessionId"u8, sessionId);
        json.WriteNumber("contextUsagePercentage"u8, contextPercent);
        if (credits is not { } value)
            return;
        json.WriteStartArray("meteringUsage"u8);
        json.WriteStartObject();
        json.WriteNumber("value"u8, value);
        json.WriteString("unit"u8, "credit"u8);
        json.WriteString("unitPlural"u8, "credits"u8);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteNumber("turnDurationMs"u8, ms);
    });

    public void RunError(string? sessionId, string stage, string message) => Line("runError", json =>
    {
        json.WriteString("sessionId"u8, sessionId);
        json.WriteString("stage"u8, stage);
        json.WriteString("message"u8, message);
    });

    public void RunFinished(string sessionId, string stopReason, string text)
    {
        int most = settings.FinalTextChars;
        bool isCut = most > 0 && text.Length > most;
        Line("runFinished", json =>
        {
            json.WriteString("sessionId"u8, sessionId);
            json.WriteString("status"u8, "success"u8);
            json.WriteString("stopReason"u8, stopReason);
            json.WriteString("finalText"u8, isCut ? text[..Answer.Boundary(text, most, text.Length)] : text);
            json.WriteBoolean("finalTextTruncated"u8, isCut);
        });
    }

    /// <summary>Lines that are no event of this stream.</summary>
    public void Noise(string line)
    {
        if (settings.StdoutNoise)
            write(System.Text.Encoding.UTF8.GetBytes($"{line}\n{{\"level\":\"info\",\"message\":\"no event\"}}\n[1,2]\n"));
    }

    private void Line(string type, FrameBody data)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter json = new(line, new JsonWriterOptions { Encoder = KiroTextEncoder.Instance }))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteStartObject("data"u8);
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        write(line.WrittenSpan);
    }
}
