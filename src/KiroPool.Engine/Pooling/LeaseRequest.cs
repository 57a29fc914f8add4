using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>A waiter and the task of its caller.</summary>
internal sealed class LeaseRequest(AgentSpec spec, IResident? resident, long queuedAt, WaitRules rules) : Waiter(spec, resident, queuedAt, rules)
{
    private readonly TaskCompletionSource<AgentLease> _lease = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;

    public Task<AgentLease> Lease => _lease.Task;

    /// <summary>Calls <paramref name="giveUp"/> when the caller cancels. Not under a lock: a cancelled token calls at once.</summary>
    public void CancelWith(Action<LeaseRequest, CancellationToken> giveUp, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled || _lease.Task.IsCompleted)
            return;
        _cancellation = cancellationToken.UnsafeRegister((request, token) => giveUp((LeaseRequest)request!, token), this);
        if (_lease.Task.IsCompleted)
            _cancellation.Unregister();
    }

    public void Serve(AgentLease lease)
    {
        _cancellation.Unregister();
        _lease.TrySetResult(lease);
    }

    public void Refuse(AgentException reason)
    {
        _cancellation.Unregister();
        _lease.TrySetException(reason);
    }

    public void GiveUp(CancellationToken cancellationToken) => _lease.TrySetCanceled(cancellationToken);
}
