using System.Collections.Immutable;

namespace KiroPool.Engine.Diagnostics;

/// <summary>A log that passes events to its subscribers. It costs nothing without one.</summary>
public sealed class PoolLog : IPoolLog
{
    private ImmutableArray<Subscription> _subscriptions = [];

    /// <inheritdoc/>
    public bool IsEnabled => Current.Any(subscription => subscription.Lowest < PoolEventLevel.Warning);

    private ImmutableArray<Subscription> Current => ImmutableInterlocked.InterlockedCompareExchange(ref _subscriptions, [], []);

    /// <summary>Adds a listener until the returned subscription is disposed.</summary>
    /// <param name="listener">Called on any thread; must not block.</param>
    /// <param name="lowest">The least important level that the listener receives.</param>
    public IDisposable Subscribe(Action<PoolEvent> listener, PoolEventLevel lowest = PoolEventLevel.Debug)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var subscription = new Subscription(this, listener, lowest);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    /// <inheritdoc/>
    public void Write(PoolEvent poolEvent)
    {
        foreach (Subscription subscription in Current)
            subscription.Pass(poolEvent);
    }

    private sealed class Subscription(PoolLog log, Action<PoolEvent> listener, PoolEventLevel lowest) : IDisposable
    {
        public PoolEventLevel Lowest => lowest;

        public void Pass(PoolEvent poolEvent)
        {
            if (poolEvent.Level < lowest)
                return;
            try
            {
                listener(poolEvent);
            }
            catch (Exception)
            {
                // A fault of one listener harms neither the pool nor the other listeners, and the log cannot log it.
            }
        }

        public void Dispose() => ImmutableInterlocked.Update(ref log._subscriptions, all => all.Remove(this));
    }
}
