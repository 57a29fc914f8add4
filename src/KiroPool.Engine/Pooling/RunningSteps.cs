namespace KiroPool.Engine.Pooling;

/// <summary>Counts steps of one kind while they run.</summary>
internal sealed class RunningSteps
{
    private int _count;

    /// <summary>How many run now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Runs a step.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> step)
    {
        Interlocked.Increment(ref _count);
        try
        {
            return await step().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
