using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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

    public Task WriteRequestAsync<TParams>(long id, string method, TParams parameters, JsonTypeInfo<TParams> type) =>
        WriteAsync(
            (Id: id, Method: method, Params: parameters, Type: type),
            static (json, request) =>
            {
                json.WriteNumber("id"u8, request.Id);
                WriteCall(json, request.Method, request.Params, request.Type);
            });

    public Task WriteNotificationAsync<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type) =>
        WriteAsync(
            (Method: method, Params: parameters, Type: type),
            static (json, notification) => WriteCall(json, notification.Method, notification.Params, notification.Type));

    /// <summary>Writes a notification whose only parameter is a number.</summary>
    public Task WriteNotificationAsync(string method, string parameter, long value) =>
        WriteAsync(
            (Method: method, Parameter: parameter, Value: value),
            static (json, notification) =>
            {
                json.WriteString("method"u8, notification.Method);
                json.WriteStartObject("params"u8);
                json.WriteNumber(notification.Parameter, notification.Value);
                json.WriteEndObject();
            });

    /// <summary>Writes an answer. The id is returned unchanged, as a number or string.</summary>
    public Task WriteReplyAsync<TResult>(byte[] id, TResult result, JsonTypeInfo<TResult> type) =>
        WriteAsync(
            (Id: id, Result: result, Type: type),
            static (json, reply) =>
            {
                WriteId(json, reply.Id);
                json.WritePropertyName("result"u8);
                JsonSerializer.Serialize(json, reply.Result, reply.Type);
            });

    /// <inheritdoc cref="WriteReplyAsync"/>
    public Task WriteErrorAsync(byte[] id, int code, string message) =>
        WriteAsync(
            (Id: id, Code: code, Message: message),
            static (json, reply) =>
            {
                WriteId(json, reply.Id);
                json.WriteStartObject("error"u8);
                json.WriteNumber("code"u8, reply.Code);
                json.WriteString("message"u8, reply.Message);
                json.WriteEndObject();
            });

    private static void WriteCall<TParams>(Utf8JsonWriter json, string method, TParams parameters, JsonTypeInfo<TParams> type)
    {
        json.WriteString("method"u8, method);
        json.WritePropertyName("params"u8);
        JsonSerializer.Serialize(json, parameters, type);
    }

    private static void WriteId(Utf8JsonWriter json, byte[] id)
    {
        json.WritePropertyName("id"u8);
        json.WriteRawValue(id, skipInputValidation: true);
    }

    /// <summary>Writes a frame in one call. It cannot be cancelled, because half a frame would corrupt every later one.</summary>
    /// <exception cref="IOException">The frame, or a part of it, is certainly not in the pipe.</exception>
    private async Task WriteAsync<TState>(TState state, Action<Utf8JsonWriter, TState> writeMembers)
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
