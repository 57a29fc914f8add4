namespace KiroPool.Engine.Acp;

/// <summary>
/// Updates of sessions that the agent has made and that are not set up here yet. The reader does not wait for that, so
/// an update right behind the answer would find no session. Guarded by its owner, except <see cref="IsEmpty"/>.
/// </summary>
internal sealed class EarlyUpdates
{
    // A session is added a moment after its answer came, unless its caller has given up. An agent says little meanwhile.
    private const int MostSessions = 16;
    private const int MostUpdates = 100;
    private const int MostBytes = 64 * 1024;

    private readonly List<(string SessionId, List<byte[]> Updates)> _sessions = [];
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public void Expect(string sessionId)
    {
        Take(sessionId);
        if (_sessions.Count == MostSessions)
            _sessions.RemoveAt(0);
        _sessions.Add((sessionId, []));
        _count = _sessions.Count;
    }

    /// <summary>Keeps an update, if its session is expected.</summary>
    public void Keep(string sessionId, ReadOnlySpan<byte> parameters)
    {
        int at = _sessions.FindIndex(session => session.SessionId == sessionId);
        if (at >= 0 && _sessions[at].Updates.Count < MostUpdates && parameters.Length <= MostBytes)
            _sessions[at].Updates.Add(parameters.ToArray());
    }

    /// <summary>What came for a session, in order. It is not expected any more.</summary>
    public IReadOnlyList<byte[]> Take(string sessionId)
    {
        int at = _sessions.FindIndex(session => session.SessionId == sessionId);
        if (at < 0)
            return [];
        List<byte[]> updates = _sessions[at].Updates;
        _sessions.RemoveAt(at);
        _count = _sessions.Count;
        return updates;
    }
}
