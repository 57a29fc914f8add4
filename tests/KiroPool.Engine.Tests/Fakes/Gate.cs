namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A gate for fakes. Closed, it holds them until the test releases one or all.</summary>
internal sealed class Gate
{
    private readonly object _lock = new();
    private readonly List<(object Who, TaskCompletionSource Passed)> _held = [];
    private bool _closed;

    public int HeldCount
    {
        get
        {
            lock (_lock)
                return _held.Count;
        }
    }

    /// <summary>The held fakes, oldest first.</summary>
    public IReadOnlyList<object> Held
    {
        get
        {
            lock (_lock)
                return [.. _held.Select(h => h.Who)];
        }
    }

    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>Releases all fakes, now and later.</summary>
    public void Open()
    {
        lock (_lock)
            _closed = false;
        while (ReleaseFirst())
        {
        }
    }

    /// <summary>Releases the fake that was held longest; false if none is held.</summary>
    public bool ReleaseFirst() => Release(_ => true);

    /// <summary>Releases one fake; false if it is not held.</summary>
    public bool Release(object who) => Release(held => held == who);

    /// <summary>Waits until the gate is open. A cancelled wait does not pass.</summary>
    public async Task PassAsync(object who, CancellationToken cancellationToken = default)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_closed)
                return;
            _held.Add((who, passed));
        }

        try
        {
            await passed.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                _held.RemoveAll(h => h.Passed == passed);
        }
    }

    private bool Release(Predicate<object> who)
    {
        TaskCompletionSource passed;
        lock (_lock)
        {
            int index = _held.FindIndex(h => who(h.Who));
            if (index < 0)
                return false;
            passed = _held[index].Passed;
            _held.RemoveAt(index);
        }

        passed.TrySetResult();
        return true;
    }
}
