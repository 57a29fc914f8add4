using System.Buffers;
using System.Text.Json;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.JsonRpc;

/// <summary>Writes JSON-RPC messages, one per line. Any number of callers write, one frame at a time.</summary>
internal sealed class JsonRpcWriter
{
    private const int UsualBytes = 1024;

    // A larger buffer, for a rare huge frame, is not kept.
    private const int MostKeptBytes = 64 * 1024;

    private readonly Stream _output;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Utf8JsonWriter _json;
    private ArrayBufferWriter<byte> _frame = new(UsualBytes);

    public JsonRpcWriter(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(_frame, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>The size of the buffer between frames.</summary>
    public int KeptBytes => _frame.Capacity;

    /// <summary>Writes a frame in one call. It cannot be cancelled, because half a frame would corrupt every later one.</summary>
    /// <exception cref="IOException">The frame, or a part of it, is certainly not in the pipe.</exception>
    public async Task WriteAsync<TState>(TState state, Action<Utf8JsonWriter, TState> writeMembers)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            _frame.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteString("jsonrpc"u8, "2.0"u8);
            writeMembers(_json, state);
            _json.WriteEndObject();
            _json.Flush();
            _frame.Write("\n"u8);
            await AgentInput.SendAsync(_output, _frame.WrittenMemory).ConfigureAwait(false);
        }
        finally
        {
            if (_frame.Capacity > MostKeptBytes)
                _json.Reset(_frame = new ArrayBufferWriter<byte>(UsualBytes));
            _writing.Release();
        }
    }
}
