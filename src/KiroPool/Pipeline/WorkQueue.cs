namespace KiroPool.Pipeline;

/// <summary>
/// The work of one invocation: some runs, the rest waits. Usually a piece of work is accepted when it can start, so that the
/// input is never far ahead of the output. Where work is slow, input is read ahead: only then can a progress bar tell how
/// much there is. Work that waits starts when a place is free, also while the pipeline is busy elsewhere.
/// </summary>
/// <param name="atATime">The most pieces that run at a time.</param>
/// <param name="window">With ordered output, the most pieces that are started before the first unwritten one has ended.</param>
/// <param name="run">Runs a piece by its number. Never throws.</param>
/// <param name="ended">Called when a piece has ended.</param>
/// <param name="time">The clock by which work is slow.</param>
internal sealed class WorkQueue(int atATime, int? window, Func<Func<long, Task>, long, Task> run, Action<long> ended, TimeProvider time)
{
    private const int MostAhead = 10_000;
    private const long MostAheadSize = 16 * 1024 * 1024;

    // The first answer may be late for other reasons than slow work.
    private static readonly TimeSpan FirstSlow = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly Queue<(Func<long, Task> Work, long Size)> _waiting = new();
    private readonly HashSet<Task> _running = [];
    private readonly long _begunAt = time.GetTimestamp();
    private long _waitingSize;
    private long _started;
    private long _active;
    private long _ended;
    private long _written;
    private long _nextInOrder;
    private bool _isStarting;
    private bool _isClosed;

    /// <summary>The tasks of the pieces that run.</summary>
    public Task[] Running
    {
        get
        {
            lock (_gate)
                return [.. _running];
        }
    }

    /// <summary>Whether a piece has not been written.</summary>
    public bool IsUnfinished
    {
        get
        {
            lock (_gate)
                return _written < _started || (_waiting.Count > 0 && !_isClosed);
        }
    }

    /// <summary>Whether another piece may be added: there is a place, or the work is slow enough to read ahead.</summary>
    /// <param name="size">Its size in characters.</param>
    /// <param name="waited">How long its adding has waited.</param>
    public bool Accepts(long size, TimeSpan waited)
    {
        lock (_gate)
            return _isClosed || (_waiting.Count == 0 && HasPlace(slack: 0)) || ReadsAhead(size, waited);
    }

    public void Add(Func<long, Task> work, long size)
    {
        lock (_gate)
        {
            _waiting.Enqueue((work, size));
            _waitingSize += size;
        }

        StartWaiting();
    }

    /// <summary>Notes that the pipeline has written everything of a piece.</summary>
    /// <param name="nextInOrder">With ordered output, the first piece that has not been written.</param>
    public void Written(long? nextInOrder)
    {
        lock (_gate)
        {
            _written++;
            _nextInOrder = nextInOrder ?? _nextInOrder;
            _running.RemoveWhere(static task => task.IsCompleted);
        }

        StartWaiting();
    }

    /// <summary>Starts nothing more.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
    }

    private bool ReadsAhead(long size, TimeSpan waited) =>
        _waiting.Count < MostAhead
        && _waitingSize + size <= MostAheadSize
        && (_ended == 0 ? waited >= FirstSlow || _waiting.Count > 0 : (waited >= Slow || _waiting.Count > 0) && IsSlow);

    private bool IsSlow => time.GetElapsedTime(_begunAt) >= _ended * Slow;

    /// <summary>Whether a piece may start. Beyond what the pipeline has written, only work that was read ahead may.</summary>
    private bool HasPlace(int slack) =>
        _active < atATime
        && _started - _written < atATime + slack
        && (window is not { } most || _started - _nextInOrder < most);

    private void StartWaiting()
    {
        lock (_gate)
        {
            // A piece that ends at once would start the next one from inside its own start.
            if (_isStarting)
                return;
            _isStarting = true;
        }

        while (true)
        {
            Func<long, Task> work;
            long number;
            lock (_gate)
            {
                if (_isClosed || _waiting.Count == 0 || !HasPlace(window ?? atATime))
                {
                    _isStarting = false;
                    return;
                }

                (work, long size) = _waiting.Dequeue();
                _waitingSize -= size;
                number = _started++;
                _active++;
            }

            Task running = RunAsync(work, number);
            lock (_gate)
            {
                if (!running.IsCompleted)
                    _running.Add(running);
            }
        }
    }

    private async Task RunAsync(Func<long, Task> work, long number)
    {
        await run(work, number).ConfigureAwait(false);
        lock (_gate)
        {
            _active--;
            _ended++;
        }

        // Told after its place is free, because the pipeline may wait for one.
        ended(number);
        StartWaiting();
    }
}
