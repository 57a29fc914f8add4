namespace KiroPool.Engine.JsonRpc;

/// <summary>The wait for an answer was cancelled. The other side was told so.</summary>
/// <param name="settled">Becomes true if the other side confirms that it did not do the work, and false if it did, or if its answer is unknown.</param>
/// <param name="cause">The cancel of the wait.</param>
internal sealed class RequestWithdrawnException(Task<bool> settled, OperationCanceledException cause)
    : OperationCanceledException(cause.Message, cause, cause.CancellationToken)
{
    public Task<bool> Settled { get; } = settled;
}

/// <summary>A request whose sender no longer waits. Only an error as its answer proves that the work was not done.</summary>
internal sealed class WithdrawnRequest : IPendingRequest
{
    private readonly TaskCompletionSource<bool> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> Settled => _settled.Task;

    public void Complete(ReadOnlySpan<byte> result) => _settled.TrySetResult(false);

    public void Fail(Exception exception) => _settled.TrySetResult(exception is JsonRpcException);
}
