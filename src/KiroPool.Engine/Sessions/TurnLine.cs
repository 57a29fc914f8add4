namespace KiroPool.Engine.Sessions;

/// <summary>Lets one turn of a conversation run at a time, first come first served.</summary>
internal sealed class TurnLine
{
    private readonly object _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private bool _taken;

    /// <summary>Whether somebody has the turn.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>Waits for the turn; <see cref="Leave"/> is due afterwards. The order is that of the calls.</summary>
    /// <exception cref="OperationCanceledException">Somebody gave up; the turn is not theirs.</exception>
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

            // The turn came in the very moment they gave up.
            if (isTheirs)
                Leave();
            throw;
        }
    }

    /// <summary>Hands the turn on.</summary>
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
