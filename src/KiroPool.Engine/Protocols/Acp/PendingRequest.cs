using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KiroPool.Engine.Protocols.Acp;

/// <summary>A request that waits for its response.</summary>
internal interface IPendingRequest
{
    void Complete(ReadOnlySpan<byte> result);

    void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class PendingRequest<TResult>(JsonTypeInfo<TResult> type, Action? onResponse)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingRequest
{
    public void Complete(ReadOnlySpan<byte> result)
    {
        onResponse?.Invoke();
        try
        {
            TResult? value = result.IsEmpty ? default : JsonSerializer.Deserialize(result, type);
            if (value is null)
                TrySetException(new JsonException("The agent's answer holds no result."));
            else
                TrySetResult(value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            TrySetException(new JsonException($"The agent's answer could not be understood: {e.Message}", e));
        }
    }

    public void Fail(Exception exception)
    {
        onResponse?.Invoke();
        TrySetException(exception);
    }
}
