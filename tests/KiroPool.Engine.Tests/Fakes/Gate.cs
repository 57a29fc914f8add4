namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A place that fakes pass. Closed, it holds them until the test lets them go on, one by one or all.</summary>
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

    /// <summary>Who is held, first come first.</summary>
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

    /// <summary>Lets everybody pass, now and later.</summary>
    public void Open()
    {
        lock (_lock)
            _closed = false;
        while (ReleaseFirst())
        {
        }
    }

    /// <summary>Lets the one pass that has been held longest; false when nobody is.</summary>
    public bool ReleaseFirst() => Release(_ => true);

    /// <summary>Lets somebody in particular pass; false when they are not held.</summary>
    public bool Release(object who) => Release(held => held == who);

    /// <summary>Waits until the gate is open. Somebody who gives up does not pass.</summary>
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
