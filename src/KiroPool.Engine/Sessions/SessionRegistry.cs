using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Sessions;

/// <summary>The named conversations of a pool. Names are compared without regard to case.</summary>
public sealed class SessionRegistry
{
    private readonly AgentPool _pool;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly Dictionary<string, Session> _byName = new(StringComparer.OrdinalIgnoreCase);

    internal SessionRegistry(AgentPool pool, TimeProvider time) => (_pool, _time) = (pool, time);

    /// <summary>All named sessions, oldest first.</summary>
    public IReadOnlyList<Session> All
    {
        get
        {
            lock (_gate)
                return [.. _byName.Values.OrderBy(session => session.CreatedAt)];
        }
    }

    /// <summary>The session of a name; null if there is none.</summary>
    public Session? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
            return _byName.GetValueOrDefault(name);
    }

    /// <summary>The session of a name.</summary>
    /// <exception cref="AgentException">SessionNotFound.</exception>
    public Session Get(string name) => Find(name) ?? throw NotFound(name);

    /// <summary>Makes a session. It begins with its first prompt, or with <see cref="Session.OpenAsync"/>.</summary>
    /// <param name="name">Its name; not blank.</param>
    /// <param name="spec">Its agent, model and working directory, for good; the pool's when null.</param>
    /// <exception cref="AgentException">SessionExists, or PoolStopped.</exception>
    public Session Create(string name, AgentSpec? spec = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (_gate)
        {
            if (_byName.ContainsKey(name))
                throw new AgentException(FailureKind.SessionExists, $"There is a session '{name}' already. Use it, remove it, or choose another name.") { Value = name };
            return Add(name, spec ?? _pool.DefaultSpec);
        }
    }

    /// <summary>The session of a name; it is made if there is none. What is null is the pool's, or the session's as it is.</summary>
    /// <exception cref="AgentException">SessionMismatch: it has another agent, model or directory. Or PoolStopped.</exception>
    public Session GetOrCreate(string name, string? agent = null, string? model = null, string? workingDirectory = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Session? session;
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out session))
                return Add(name, _pool.DefaultSpec.With(agent, model, workingDirectory));
        }

        session.EnsureMatches(agent, model, workingDirectory);
        return session;
    }

    /// <summary>Makes a session without a name, which only its holder knows. Dispose it.</summary>
    /// <param name="spec">Its agent, model and working directory; the pool's when null.</param>
    /// <exception cref="AgentException">PoolStopped.</exception>
    public Session CreateTemporary(AgentSpec? spec = null) =>
        _pool.IsStopped ? throw AgentPool.Stopped() : new Session(_pool, "", spec ?? _pool.DefaultSpec, _time);

    /// <summary>
    /// Removes a session: its prompts that wait fail with SessionRemoved, one that runs is cancelled, and its agent is told
    /// to close it. False when it was removed already.
    /// </summary>
    public bool Remove(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!session.BelongsTo(_pool))
            throw FromElsewhere(session);
        lock (_gate)
        {
            if (_byName.TryGetValue(session.Name, out Session? named) && ReferenceEquals(named, session))
                _byName.Remove(session.Name);
        }

        return session.End();
    }

    /// <summary>Removes the session of a name.</summary>
    /// <exception cref="AgentException">SessionNotFound.</exception>
    public void Remove(string name)
    {
        if (!Remove(Get(name)))
            throw NotFound(name);
    }

    /// <summary>Removes all named sessions. Returns how many there were.</summary>
    public int RemoveAll() => All.Count(Remove);

    internal static AgentException FromElsewhere(Session session) =>
        new(FailureKind.SessionFromElsewhere, $"The session '{session.Name}' belongs to another pool, and conversations cannot move. Use the pool that made it.") { Value = session.Name };

    private Session Add(string name, AgentSpec spec)
    {
        if (_pool.IsStopped)
            throw AgentPool.Stopped();
        var session = new Session(_pool, name, spec, _time);
        _byName.Add(name, session);
        return session;
    }

    private static AgentException NotFound(string name) =>
        new(FailureKind.SessionNotFound, $"There is no session '{name}'. Get-KiroSession shows those there are; New-KiroSession makes one.") { Value = name };
}
