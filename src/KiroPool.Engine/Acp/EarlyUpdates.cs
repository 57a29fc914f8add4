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
        Take(sessionId);
        if (_sessions.Count == MostSessions)
            _sessions.RemoveAt(0);
        _sessions.Add((sessionId, []));
        _count = _sessions.Count;
    }

    /// <summary>Keeps an update if its session is expected.</summary>
    public void Keep(string sessionId, ReadOnlySpan<byte> parameters)
    {
        int at = _sessions.FindIndex(session => session.SessionId == sessionId);
        if (at >= 0 && _sessions[at].Updates.Count < MostUpdates && parameters.Length <= MostBytes)
            _sessions[at].Updates.Add(parameters.ToArray());
    }

    /// <summary>Returns the updates of a session in order, and no longer expects it.</summary>
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
