using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The open sessions of the process, by their ids.</summary>
internal sealed class OpenSessions(Dialect dialect)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AcpSession> _sessions = [];

    public void Add(AcpSession session)
    {
        lock (_lock)
            _sessions[session.Id] = session;
    }

    public void Remove(AcpSession session)
    {
        lock (_lock)
            _sessions.Remove(session.Id);
    }

    /// <summary>The session that a request names.</summary>
    public AcpSession Get(JsonElement parameters)
    {
        string id = parameters.String("sessionId");
        return Find(id) ?? throw dialect.UnknownSession(id);
    }

    public AcpSession? Find(string? id)
    {
        lock (_lock)
            return id is null ? null : _sessions.GetValueOrDefault(id);
    }
}
