using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine;

/// <summary>The named conversations of a pool. Names ignore case.</summary>
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

    /// <summary>The session with a name; null if there is none.</summary>
    public Session? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
            return _byName.GetValueOrDefault(name);
    }

    /// <summary>The session with a name.</summary>
    /// <exception cref="AgentException">SessionNotFound.</exception>
    public Session Get(string name) => Find(name) ?? throw NotFound(name);

    /// <summary>Creates a session. Its conversation starts with its first prompt, or with <see cref="Session.OpenAsync"/>.</summary>
    /// <param name="name">Its name; not blank.</param>
    /// <param name="spec">Its agent, model and working directory, which cannot change; the pool's when null.</param>
    /// <exception cref="AgentException">SessionExists, or PoolStopped.</exception>
    public Session Create(string name, AgentSpec? spec = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (_gate)
        {
            if (_byName.ContainsKey(name))
                throw new AgentException(FailureKind.SessionExists, $"A session '{name}' exists already. Use it, remove it with Remove-KiroSession, or choose another name.") { Value = name };
            return Add(name, spec ?? _pool.DefaultSpec);
        }
    }

    /// <summary>The session with a name, which is created if it does not exist. Null values mean those of <paramref name="spec"/> or of the existing session.</summary>
    /// <param name="name">Its name; not blank.</param>
    /// <param name="agent">The agent (mode) it must have.</param>
    /// <param name="model">The model it must have.</param>
    /// <param name="workingDirectory">The directory it must have.</param>
    /// <param name="spec">The other values of a session that is created; the pool's when null.</param>
    /// <exception cref="AgentException">SessionMismatch: the session has another agent, model or directory. Or PoolStopped.</exception>
    public Session GetOrCreate(string name, string? agent = null, string? model = null, string? workingDirectory = null, AgentSpec? spec = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Session? session;
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out session))
                return Add(name, (spec ?? _pool.DefaultSpec).With(agent, model, workingDirectory));
        }

        session.EnsureMatches(agent, model, workingDirectory);
        return session;
    }

    /// <summary>Creates a session without a name, for one caller. Dispose it.</summary>
    /// <param name="spec">Its agent, model and working directory; the pool's when null.</param>
    /// <exception cref="AgentException">PoolStopped.</exception>
    public Session CreateTemporary(AgentSpec? spec = null) =>
        _pool.IsStopped ? throw PoolState.Stopped() : Make("", spec ?? _pool.DefaultSpec);

    /// <summary>
    /// Removes a session: waiting prompts fail with SessionRemoved, a running one is cancelled, and the agent closes the
    /// conversation. Returns false if it was removed already.
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

        return session.Conversation.End();
    }

    /// <summary>Removes the session with a name.</summary>
    /// <exception cref="AgentException">SessionNotFound.</exception>
    public void Remove(string name)
    {
        if (!Remove(Get(name)))
            throw NotFound(name);
    }

    /// <summary>Removes all named sessions and returns their number.</summary>
    public int RemoveAll() => All.Count(Remove);

    internal static AgentException FromElsewhere(Session session) =>
        new(FailureKind.SessionFromElsewhere, $"The session '{session.Name}' belongs to another pool, and conversations cannot move. Use the pool that created it (-Pool).") { Value = session.Name };

    private Session Add(string name, AgentSpec spec)
    {
        if (_pool.IsStopped)
            throw PoolState.Stopped();
        Session session = Make(name, spec);
        _byName.Add(name, session);
        return session;
    }

    private Session Make(string name, AgentSpec spec) => new(_pool, new Conversation(_pool.Dispatcher, name, spec, _time));

    private static AgentException NotFound(string name) =>
        new(FailureKind.SessionNotFound, $"There is no session '{name}'. List the sessions with Get-KiroSession, or create one with New-KiroSession.") { Value = name };
}
