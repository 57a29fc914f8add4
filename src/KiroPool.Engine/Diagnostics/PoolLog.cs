namespace KiroPool.Engine.Diagnostics;

/// <summary>A log that passes events to its subscribers. It costs nothing without one.</summary>
public sealed class PoolLog : IPoolLog
{
    private Action<PoolEvent>? _listeners;

    /// <inheritdoc/>
    public bool IsEnabled => Volatile.Read(ref _listeners) is not null;

    /// <summary>Adds a listener until the returned subscription is disposed.</summary>
    /// <param name="listener">Called on any thread; must not block.</param>
    public IDisposable Subscribe(Action<PoolEvent> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        Change(listeners => listeners + listener);
        return new Subscription(this, listener);
    }

    /// <inheritdoc/>
    public void Write(PoolEvent poolEvent)
    {
        if (Volatile.Read(ref _listeners) is not { } listeners)
            return;
        foreach (Action<PoolEvent> listener in listeners.GetInvocationList().Cast<Action<PoolEvent>>())
        {
            try
            {
                listener(poolEvent);
            }
            catch (Exception)
            {
                // The pool goes on without this listener's note; the log has no better place to say so.
            }
        }
    }

    private void Change(Func<Action<PoolEvent>?, Action<PoolEvent>?> change)
    {
        Action<PoolEvent>? before;
        do
            before = Volatile.Read(ref _listeners);
        while (Interlocked.CompareExchange(ref _listeners, change(before), before) != before);
    }

    private sealed class Subscription(PoolLog log, Action<PoolEvent> listener) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                log.Change(listeners => listeners - listener);
        }
    }
}
