using System.Globalization;

namespace KiroPool.Engine.JsonRpc;

/// <summary>The requests of this side that have no answer yet, by their ids. Each leaves the table once, with its outcome.</summary>
internal sealed class OpenRequests
{
    // The table must not grow if an agent never answers.
    private const int MostWithdrawn = 16;

    private readonly Dictionary<long, IPendingRequest> _open = [];
    private readonly Queue<long> _withdrawn = new();
    private long _lastId;
    private Exception? _ended;

    /// <summary>Adds a request under a new id. Returns the reason if the connection has ended; the request has failed then.</summary>
    public Exception? Add(IPendingRequest pending, out long id)
    {
        Exception ended;
        lock (_open)
        {
            id = ++_lastId;
            if (_ended is null)
            {
                _open.Add(id, pending);
                return null;
            }

            ended = _ended;
        }

        pending.Fail(ended);
        return ended;
    }

    /// <summary>Removes a request; null if it is not open.</summary>
    public IPendingRequest? Remove(long id)
    {
        lock (_open)
            return _open.Remove(id, out IPendingRequest? pending) ? pending : null;
    }

    /// <summary>Removes the request that an answer belongs to; null if there is none.</summary>
    public IPendingRequest? Remove(ReadOnlySpan<byte> id)
    {
        // The ids of this side are numbers, so a string belongs to no request.
        return long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? Remove(number) : null;
    }

    /// <summary>Notes that the sender no longer waits. The answer that still comes is only judged.</summary>
    /// <returns>Null if the request is not open: it was answered at the same moment, or the connection ended.</returns>
    public WithdrawnRequest? Withdraw(long id)
    {
        var withdrawn = new WithdrawnRequest();
        IPendingRequest? oldest = null;
        lock (_open)
        {
            if (!_open.ContainsKey(id))
                return null;
            _open[id] = withdrawn;
            _withdrawn.Enqueue(id);
            if (_withdrawn.Count > MostWithdrawn)
                _open.Remove(_withdrawn.Dequeue(), out oldest);
        }

        oldest?.Complete([]);
        return withdrawn;
    }

    /// <summary>Fails every open and every later request.</summary>
    public void End(Exception reason)
    {
        IPendingRequest[] open;
        lock (_open)
        {
            _ended ??= reason;
            open = [.. _open.Values];
            _open.Clear();
        }

        foreach (IPendingRequest pending in open)
            pending.Fail(reason);
    }
}
