using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KiroPool.Engine.JsonRpc;

/// <summary>A request under way.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Written">Completes when the whole frame is in the pipe; fails if it certainly is not.</param>
internal readonly record struct SentRequest(long Id, Task Written);

/// <summary>
/// JSON-RPC 2.0 over two streams, one message per line. One loop reads and dispatches in order. Any number of callers
/// write, one frame at a time. No message ends the reader; only the end of the stream does.
/// </summary>
internal sealed class JsonRpcConnection
{
    /// <summary>The notification that the sender of a request no longer waits for the answer.</summary>
    public const string CancelRequest = "$/cancel_request";

    private const int MostRefusalsAtOnce = 1000;

    private readonly IJsonRpcHandler _handler;
    private readonly TimeProvider _time;
    private readonly LineReader _lines;
    private readonly OpenRequests _requests = new();
    private readonly JsonRpcWriter _writer;
    private readonly RecentNames _methods = new();
    private int _refusals;

    public JsonRpcConnection(Stream input, Stream output, IJsonRpcHandler handler, TimeProvider time, int maxLineBytes = LineReader.DefaultMaxLineBytes)
    {
        _handler = handler;
        _time = time;
        LastFrameAt = time.GetTimestamp();
        _lines = new LineReader(input, maxLineBytes);
        _writer = new JsonRpcWriter(output);
    }

    /// <summary>The time of the last received frame: a timestamp of the time provider.</summary>
    public long LastFrameAt { get; private set; }

    /// <summary>Reads until the other side closes its end, and then fails every open request. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Exception reason = new IOException("The agent closed its output.");
        try
        {
            while (true)
            {
                LineReader.Line line = await _lines.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (line.IsEnd)
                    break;
                if (line.DroppedBytes > 0)
                    await DropAsync(line).ConfigureAwait(false);
                else if (Dispatch(line.Bytes.Span) is { } unknown)
                    await RefuseAsync(unknown, JsonRpcException.MethodNotFound, "Method not found").ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            reason = new IOException("The pipe to the agent broke.", e);
        }

        End(reason);
    }

    /// <summary>Sends a request. Does not throw: <paramref name="pending"/> gets the result or the failure, once.</summary>
    public SentRequest Send<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> parametersType, IPendingRequest pending)
    {
        if (_requests.Add(pending, out long id) is { } ended)
            return new SentRequest(id, Task.FromException(ended));
        Task written = _writer.WriteRequestAsync(id, method, parameters, parametersType);
        if (!written.IsCompletedSuccessfully)
            Observe(written = FailTogetherAsync(written, id));
        return new SentRequest(id, written);
    }

    /// <summary>Sends a request and waits for the answer. A cancelled wait cancels the request.</summary>
    /// <exception cref="RequestWithdrawnException">The wait was cancelled.</exception>
    public Task<TResult> RequestAsync<TParams, TResult>(
        string method,
        TParams parameters,
        JsonTypeInfo<TParams> parametersType,
        JsonTypeInfo<TResult> resultType,
        CancellationToken cancellationToken) =>
        RequestAsync(method, parameters, parametersType, new PendingRequest<TResult>(resultType), cancellationToken).AsTask();

    /// <inheritdoc cref="RequestAsync{TParams, TResult}(string, TParams, JsonTypeInfo{TParams}, JsonTypeInfo{TResult}, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TResult> RequestAsync<TParams, TResult>(
        string method,
        TParams parameters,
        JsonTypeInfo<TParams> parametersType,
        PendingRequest<TResult> pending,
        CancellationToken cancellationToken)
    {
        SentRequest sent = Send(method, parameters, parametersType, pending);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (pending, token) => ((PendingRequest<TResult>)pending!).TrySetCanceled(token), pending);
        try
        {
            return await pending.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new RequestWithdrawnException(Withdraw(sent.Id), e);
        }
    }

    /// <summary>Tells the other side that the answer is no longer awaited, and notes the answer that still comes.</summary>
    private Task<bool> Withdraw(long id)
    {
        if (_requests.Withdraw(id) is not { } withdrawn)
            return Task.FromResult(false);
        Observe(_writer.WriteNotificationAsync(CancelRequest, "requestId", id));
        return withdrawn.Settled;
    }

    public Task NotifyAsync<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> parametersType) =>
        _writer.WriteNotificationAsync(method, parameters, parametersType);

    /// <summary>Answers a request of the other side. The id is returned unchanged, as a number or string.</summary>
    public Task ReplyAsync<TResult>(byte[] id, TResult result, JsonTypeInfo<TResult> resultType) => _writer.WriteReplyAsync(id, result, resultType);

    /// <summary>
    /// Answers a request with an error. The reader does not wait for the write, because an agent may read only after its own
    /// output was read, and both would wait for each other. Only a flood of such requests makes the reader wait.
    /// </summary>
    public Task RefuseAsync(byte[] id, int code, string message)
    {
        bool isFlood = Interlocked.Increment(ref _refusals) > MostRefusalsAtOnce;
        Task refused = ReplyErrorAsync(id, code, message);
        return isFlood ? refused : Task.CompletedTask;
    }

    private async Task ReplyErrorAsync(byte[] id, int code, string message)
    {
        try
        {
            await _writer.WriteErrorAsync(id, code, message).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The agent is ending. Its remaining output is still read.
        }
        finally
        {
            Interlocked.Decrement(ref _refusals);
        }
    }

    /// <summary>Reports a message over the limit to its receiver, who would otherwise wait for ever or take a part for the whole.</summary>
    private Task DropAsync(LineReader.Line line)
    {
        string description = string.Create(CultureInfo.InvariantCulture, $"a line of {line.DroppedBytes:N0} bytes, over the limit of {_lines.MaxLineBytes:N0}");
        _handler.OnNoise($"dropped {description}");
        LostFrame frame = LostFrame.Read(line.Head.Span, line.Tail.Span);
        if (frame is { Method: null, Id: null })
            return Task.CompletedTask;
        LastFrameAt = _time.GetTimestamp();
        if (frame.Method is null)
            _requests.Remove(frame.Id!)?.Fail(new JsonException($"The agent's answer was {description}, and is lost."));
        else if (frame.Id is null)
            _handler.OnLost(frame.Method, line.Head.Span, line.Tail.Span, description);
        else
            return RefuseAsync(frame.Id, JsonRpcException.InvalidRequest, $"The request was {description}.");
        return Task.CompletedTask;
    }

    /// <summary>Handles one line. Returns the id of an unknown request, which needs a refusal: without an answer the turn hangs.</summary>
    private byte[]? Dispatch(ReadOnlySpan<byte> line)
    {
        // Some runtimes begin their output with a byte order mark.
        if (line.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        if (line.IsEmpty)
            return null;
        if (!JsonRpcFrame.TryParse(line, _methods, out JsonRpcFrame frame))
        {
            _handler.OnNoise($"skipped a line of {line.Length:N0} bytes, which is not a JSON-RPC message");
            return null;
        }

        LastFrameAt = _time.GetTimestamp();
        try
        {
            if (frame.IsResponse)
            {
                Complete(frame);
            }
            else if (frame.IsNotification)
            {
                _handler.OnNotification(frame.Method!, frame.Params);
            }
            else
            {
                byte[] id = frame.Id.ToArray();
                return _handler.OnRequest(frame.Method!, id, frame.Params) ? null : id;
            }
        }
        catch (Exception e)
        {
            // A message of an unexpected shape is the sender's fault. The connection goes on.
            _handler.OnNoise($"'{frame.Method ?? "a response"}' could not be parsed: {e.Message}");
            return frame.IsRequest ? frame.Id.ToArray() : null;
        }

        return null;
    }

    private void Complete(JsonRpcFrame frame)
    {
        IPendingRequest? pending = _requests.Remove(frame.Id);
        if (pending is null)
            _handler.OnNoise("skipped a response to a request that is not open");
        else if (!frame.Error.IsEmpty && !frame.Error.SequenceEqual("null"u8))
            pending.Fail(JsonRpcException.Parse(frame.Error));
        else
            pending.Complete(frame.Result);
    }

    /// <summary>Fails a request that could not be written, because it gets no answer.</summary>
    private async Task FailTogetherAsync(Task written, long id)
    {
        try
        {
            await written.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _requests.Remove(id)?.Fail(e);
            throw;
        }
    }

    /// <summary>Fails every open and every later request.</summary>
    public void End(Exception reason) => _requests.End(reason);

    /// <summary>Marks a failure as observed, for tasks whose outcome reaches the caller in another way.</summary>
    private static void Observe(Task task) =>
        task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
