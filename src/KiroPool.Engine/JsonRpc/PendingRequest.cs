using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KiroPool.Engine.JsonRpc;

/// <summary>A request that waits for its response. The reader completes it once, before it dispatches any later message.</summary>
internal interface IPendingRequest
{
    void Complete(ReadOnlySpan<byte> result);

    /// <param name="exception">A <see cref="JsonRpcException"/>, or an <see cref="IOException"/> if the request could not be written or the connection ended.</param>
    void Fail(Exception exception);
}

/// <summary>A request with an awaited result.</summary>
internal class PendingRequest<TResult>(JsonTypeInfo<TResult> type)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingRequest
{
    public void Complete(ReadOnlySpan<byte> result)
    {
        try
        {
            TrySetResult(Read(result));
        }
        catch (JsonException e)
        {
            TrySetException(e);
        }
    }

    public void Fail(Exception exception) => TrySetException(exception);

    /// <exception cref="JsonException">The result has another shape.</exception>
    protected virtual TResult Read(ReadOnlySpan<byte> result) => Read(result, type);

    /// <summary>Reads a result.</summary>
    /// <exception cref="JsonException">The result is missing or has another shape.</exception>
    public static TResult Read(ReadOnlySpan<byte> result, JsonTypeInfo<TResult> type)
    {
        TResult? value;
        try
        {
            value = result.IsEmpty ? default : JsonSerializer.Deserialize(result, type);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new JsonException($"The answer of the agent could not be parsed: {e.Message}", e);
        }

        return value ?? throw new JsonException("The answer of the agent has no result.");
    }
}
