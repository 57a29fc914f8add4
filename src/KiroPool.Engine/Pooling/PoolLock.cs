namespace KiroPool.Engine.Pooling;

/// <summary>
/// The lock of a pool. An event updates <see cref="PoolState"/> under it. The thread of the event leaves the lock, and then
/// carries out what the state has decided. So no listener, connector or callback runs under the lock, and none of them can
/// block the pool.
/// </summary>
internal sealed class PoolLock(PoolState state, Action<Decision> carryOut)
{
    private readonly object _lock = new();

    /// <summary>Reads the state.</summary>
    public T Read<T>(Func<PoolState, T> read)
    {
        lock (_lock)
            return read(state);
    }

    /// <summary>Updates the state, and carries out its decisions.</summary>
    public T Update<T>(Func<PoolState, T> update) => Update(update, static (state, update) => update(state));

    /// <inheritdoc cref="Update{T}(Func{PoolState, T})"/>
    public void Update(Action<PoolState> update) => Update(update, static (state, update) =>
    {
        update(state);
        return true;
    });

    /// <inheritdoc cref="Update{T}(Func{PoolState, T})"/>
    /// <param name="argument">What the update needs, so that the events of every prompt allocate no closure.</param>
    /// <param name="update">The update.</param>
    public T Update<TArgument, T>(TArgument argument, Func<PoolState, TArgument, T> update)
    {
        T result;
        Decision[] decisions;
        lock (_lock)
        {
            result = update(state, argument);
            decisions = state.TakeDecisions();
        }

        foreach (Decision decision in decisions)
            carryOut(decision);
        return result;
    }
}
