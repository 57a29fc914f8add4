using KiroPool.Errors;

namespace KiroPool.Journal;

/// <summary>
/// Writes lines to the journal for many workers. One of them at a time goes to the disk with all lines that wait, and no
/// thread waits for the disk but that one.
/// </summary>
/// <param name="append">Puts lines on the disk, all or none of them. Called by one thread at a time.</param>
internal sealed class JournalWriter(Action<IReadOnlyList<byte[]>> append)
{
    private readonly object _gate = new();
    private List<Entry> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private bool _isClosed;
    private JournalException? _failure;

    /// <summary>Whether a line could not be written. No further one is.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Writes a line. Nothing is written any more once that has failed, or the writer is closed.</summary>
    /// <returns>Completes when the line is on the disk, or will not be: with the failure, the first time only.</returns>
    public Task<JournalException?> AppendAsync(byte[] line)
    {
        lock (_gate)
        {
            if (_isClosed || _failure is not null)
                return Task.FromResult<JournalException?>(null);
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

    /// <summary>Takes no more lines, and waits until those that were taken are on the disk.</summary>
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
        JournalException? failure = null;
        try
        {
            if (_failure is null)
                append([.. group.Select(entry => entry.Line)]);
        }
        catch (JournalException) when (group.Count > 1)
        {
            // There may be room for some of them.
            foreach (Entry entry in group)
                Write([entry]);
            return;
        }
        catch (JournalException e)
        {
            Volatile.Write(ref _failure, failure = e);
        }

        foreach (Entry entry in group)
            entry.Written.SetResult(failure);
    }

    private sealed record Entry(byte[] Line)
    {
        public TaskCompletionSource<JournalException?> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
