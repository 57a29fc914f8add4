using KiroPool.Errors;

namespace KiroPool.Journal;

/// <summary>
/// Writes lines to the journal for many workers. One worker at a time writes all waiting lines to the disk, and only its
/// thread waits for the disk.
/// </summary>
/// <param name="append">Writes all or none of the lines to the disk. Called by one thread at a time.</param>
internal sealed class JournalWriter(Action<IReadOnlyList<byte[]>> append)
{
    private readonly object _gate = new();
    private List<Entry> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private bool _isClosed;
    private KiroException? _failure;

    /// <summary>Whether a line could not be written. Later lines are not written either.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Writes a line. After a failure, or after the writer was closed, nothing is written.</summary>
    /// <returns>Completes when the line is on the disk, or with the failure, only the first time.</returns>
    public Task<KiroException?> AppendAsync(byte[] line)
    {
        lock (_gate)
        {
            if (_isClosed || _failure is not null)
                return Task.FromResult<KiroException?>(null);
            var entry = new Entry(line);
            _waiting.Add(entry);
            if (!_isWriting)
            {
                _isWriting = true;
                _writing = Task.Run(WriteAll);
            }

            return entry.Written.Task;
        }
    }

    /// <summary>Accepts no more lines, and waits until the accepted ones are on the disk.</summary>
    public void Close()
    {
        Task writing;
        lock (_gate)
        {
            _isClosed = true;
            writing = _writing;
        }

        writing.Wait();
    }

    private void WriteAll()
    {
        while (true)
        {
            List<Entry> group;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isWriting = false;
                    return;
                }

                (group, _waiting) = (_waiting, []);
            }

            Write(group);
        }
    }

    private void Write(List<Entry> group)
    {
        KiroException? failure = null;
        try
        {
            if (_failure is null)
                append([.. group.Select(entry => entry.Line)]);
        }
        catch (KiroException) when (group.Count > 1)
        {
            // There may be room for some of them.
            foreach (Entry entry in group)
                Write([entry]);
            return;
        }
        catch (KiroException e)
        {
            Volatile.Write(ref _failure, failure = e);
        }

        foreach (Entry entry in group)
            entry.Written.SetResult(failure);
    }

    private sealed record Entry(byte[] Line)
    {
        public TaskCompletionSource<KiroException?> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
