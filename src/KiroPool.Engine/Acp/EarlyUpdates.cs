namespace KiroPool.Engine.Acp;

/// <summary>
/// Updates of sessions that the agent has created but that are not set up here yet. The reader does not wait, so an
/// update right after the answer would find no session. The owner guards it, except <see cref="IsEmpty"/>.
/// </summary>
internal sealed class EarlyUpdates
{
    // A session is added a moment after its answer, unless its caller has abandoned it. An agent sends little meanwhile.
    private const int MostSessions = 16;
    private const int MostUpdates = 100;
    private const int MostBytes = 64 * 1024;

    private readonly List<(string SessionId, List<byte[]> Updates)> _sessions = [];
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public void Expect(string sessionId)
    {
        Remove(sessionId);
        if (_sessions.Count == MostSessions)
            _sessions.RemoveAt(0);
        _sessions.Add((sessionId, []));
        Volatile.Write(ref _count, _sessions.Count);
    }

    /// <summary>Keeps an update if its session is expected.</summary>
    public void Keep(string sessionId, ReadOnlySpan<byte> parameters)
    {
        if (Find(sessionId) is { Count: < MostUpdates } updates && parameters.Length <= MostBytes)
            updates.Add(parameters.ToArray());
    }

    /// <summary>The kept updates of a session in order.</summary>
    public IReadOnlyList<byte[]> Of(string sessionId) => Find(sessionId) ?? [];

    /// <summary>No longer expects a session. A reader that finds <see cref="IsEmpty"/> must already find the session itself.</summary>
    public void Remove(string sessionId)
    {
        int at = IndexOf(sessionId);
        if (at >= 0)
            _sessions.RemoveAt(at);
        Volatile.Write(ref _count, _sessions.Count);
    }

    private List<byte[]>? Find(string sessionId) => IndexOf(sessionId) is >= 0 and var at ? _sessions[at].Updates : null;

    private int IndexOf(string sessionId)
    {
        for (int at = 0; at < _sessions.Count; at++)
        {
            if (_sessions[at].SessionId == sessionId)
                return at;
        }

        return -1;
    }
}
