using System.Buffers;
using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>
/// Writes what happened as JSON lines. Tests count by it, over many processes that write the same file:
/// each line is one appending write, done before the step goes on.
/// </summary>
internal sealed class EventLog
{
    private readonly Lock _lock = new();
    private readonly AppendFile? _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);

    public EventLog(string? path)
    {
        if (path is not null)
            _file = new AppendFile(path);
    }

    public void Write(string name, string? sessionId = null, string? text = null, FrameBody? more = null)
    {
        if (_file is null)
            return;
        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            using (Utf8JsonWriter json = new(_buffer, new JsonWriterOptions { Encoder = KiroTextEncoder.Instance }))
            {
                json.WriteStartObject();
                json.WriteString("event"u8, name);
                json.WriteNumber("pid"u8, Environment.ProcessId);
                json.WriteString("time"u8, DateTime.UtcNow);
                if (sessionId is not null)
                    json.WriteString("sessionId"u8, sessionId);
                if (text is not null)
                    json.WriteString("text"u8, text);
                more?.Invoke(json);
                json.WriteEndObject();
            }
            _buffer.Write("\n"u8);
            _file.Write(_buffer.WrittenSpan);
        }
    }
}
