using System.Diagnostics;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The running processes of the machine, read once for all who ask. To look through all of them costs tens of
/// milliseconds, which every agent of a pool would spend for itself.
/// </summary>
internal sealed class ProcessTable
{
    private static readonly TimeSpan Recent = TimeSpan.FromMilliseconds(250);
    private static readonly object Gate = new();
    private static readonly SemaphoreSlim OneReader = new(1, 1);
    private static ProcessTable? _last;
    private static Task<ProcessTable>? _next;
    private static long _readCount;

    private readonly IReadOnlyList<UnixProcess> _processes;
    private readonly long _begunAt;
    private readonly long _readAt;

    private ProcessTable(IReadOnlyList<UnixProcess> processes, long begunAt) =>
        (_processes, _begunAt, _readAt) = (processes, begunAt, Stopwatch.GetTimestamp());

    /// <summary>The number of scans.</summary>
    public static long ReadCount => Interlocked.Read(ref _readCount);

    /// <summary>A table that is at most a quarter of a second old: for measurements, not to find out whether an agent is gone.</summary>
    /// <param name="since">The timestamp of the agent's start. An older table lacks the agent, so it is read again.</param>
    /// <exception cref="IOException">The processes cannot be looked through just now.</exception>
    public static ProcessTable ReadRecent(long since)
    {
        lock (Gate)
        {
            if (_last is null || _last._begunAt < since || Stopwatch.GetElapsedTime(_last._readAt) > Recent)
                _last = Read();
            return _last;
        }
    }

    /// <summary>A table that is read after this call. Calls that come while another one is read share the next one.</summary>
    /// <exception cref="IOException">The processes cannot be looked through just now.</exception>
    public static Task<ProcessTable> ReadNewAsync()
    {
        lock (Gate)
            return _next ??= OwnWork.Run(() => Task.Run(ReadNextAsync));
    }

    /// <summary>The processes of a group, and those with a marker in their environment.</summary>
    public IEnumerable<UnixProcess> Find(int groupId, string marker) =>
        _processes.Where(process => process.GroupId == groupId || process.Marker == marker);

    private static async Task<ProcessTable> ReadNextAsync()
    {
        await OneReader.WaitAsync().ConfigureAwait(false);
        try
        {
            // From here on it is too late for those who ask: what they have just started would be missing.
            lock (Gate)
                _next = null;
            return Read();
        }
        finally
        {
            OneReader.Release();
        }
    }

    private static ProcessTable Read()
    {
        Interlocked.Increment(ref _readCount);

        // A process that starts during the scan may be missing.
        long begunAt = Stopwatch.GetTimestamp();
        return new ProcessTable([.. UnixProcess.ReadAll()], begunAt);
    }
}
