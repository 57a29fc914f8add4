using KiroPool.Engine;
using KiroPool.Engine.Statistics;

namespace KiroPool.Binding;

/// <summary>
/// A permission handler that now runs on this thread. The agent that asked waits for it, and so do later questions. If
/// the handler needed an agent of a full pool, it would wait for its own end.
/// </summary>
internal sealed class HandlerScope : IDisposable
{
    [ThreadStatic]
    private static HandlerScope? _current;

    private readonly AgentPool _pool;
    private readonly string? _session;
    private readonly HandlerScope? _outer;

    /// <param name="pool">The pool of the agent that asked.</param>
    /// <param name="session">The named session of the question, if there is one.</param>
    public HandlerScope(AgentPool pool, string? session)
    {
        (_pool, _session, _outer) = (pool, session, _current);
        _current = this;
    }

    /// <summary>The reason why a wait inside the handler was refused; null without one.</summary>
    public string? Fault { get; private set; }

    /// <summary>The reason why this thread must not wait for an agent of a pool; null if it may.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="session">The requested session, if it is a named one.</param>
    public static string? WhyNotWaitFor(AgentPool pool, string? session)
    {
        if (Find(pool) is not { } scope)
            return null;
        PoolActivity now = pool.ReadActivity();
        int processes = now.Idle + now.Running + now.Starting + now.Stopping;
        bool hasRoom = now.Waiting == 0 && (now.Idle + now.Starting > 0 || processes < pool.Options.Capacity);
        if (session is not null && string.Equals(session, scope._session, StringComparison.OrdinalIgnoreCase))
            return scope.Fail($"The session '{session}' waits for this permission handler, so a prompt of the handler in the same session would wait for its own end. Use another session.");
        return hasRoom ? null : scope.Fail(
            $"{(pool.Options.Capacity == 1 ? "The only agent of the pool (-MaxSize 1) is busy, and it" : $"All {pool.Options.Capacity} agents of the pool (-MaxSize) are busy, and one of them")} waits for this permission handler, so the handler would wait for its own end. Give the handler a pool of its own with -Pool, or raise -MaxSize.");
    }

    /// <summary>The reason why this thread must not drain a pool; null if it may.</summary>
    public static string? WhyNotDrain(AgentPool pool) => Find(pool)?.Fail(
        "The pool has a prompt that waits for this permission handler, so the handler would wait for its own end. Stop the pool with -Force, or when the prompts are done.");

    public void Dispose() => _current = _outer;

    private static HandlerScope? Find(AgentPool pool)
    {
        HandlerScope? scope = _current;
        while (scope is not null && scope._pool != pool)
            scope = scope._outer;
        return scope;
    }

    private string Fail(string fault) => Fault ??= fault;
}
