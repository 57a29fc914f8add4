namespace KiroPool.Engine.Sessions;

/// <summary>Lets one turn of a conversation run at a time, first come, first served.</summary>
internal sealed class TurnLine
{
    private readonly object _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private bool _taken;

    /// <summary>Whether a turn runs.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>Waits for the turn, in the order of the calls. Call <see cref="Leave"/> afterwards.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled. The caller has no turn.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            if (!_taken)
            {
                _taken = true;
                return;
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await place.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            bool isTheirs;
            lock (_gate)
            {
                isTheirs = place.List is null;
                if (!isTheirs)
                    _waiting.Remove(place);
            }

            // The turn came at the moment of the cancel.
            if (isTheirs)
                Leave();
            throw;
        }
    }

    /// <summary>Passes the turn to the next caller.</summary>
    public void Leave()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            next = _waiting.First?.Value;
            if (next is null)
                _taken = false;
            else
                _waiting.RemoveFirst();
        }

        next?.TrySetResult();
    }
}
