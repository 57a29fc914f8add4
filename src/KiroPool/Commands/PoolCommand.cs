using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>A cmdlet that uses a pool.</summary>
public abstract partial class PoolCommand : KiroCommand
{
    private protected PoolCommand()
    {
    }

    /// <summary>The pool to use. Default: the pool of the runspace.</summary>
    [Parameter]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    private protected PoolInfo? PoolInUse => Pool ?? RunspacePool.Current;

    private protected PoolInfo RequirePool() => RequirePool(Pool);

    /// <summary>The pool in use. Without one, the first runspace of the process starts a pool with the default options.</summary>
    private protected PoolInfo RequirePoolOrStartDefault()
    {
        if (PoolInUse is not null || !RunspacePool.IsFirstRunspace)
            return RequirePool();
        WriteVerbose("Starting a pool with the default options, because this runspace has none.");
        try
        {
            var pool = new PoolInfo(new AgentPool(new PoolOptions(), SpecReader.Read(SessionState)), followsLocation: true, isAutomatic: true);
            RunspacePool.Own(pool);
            return pool;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The given pool, else the pool of a session that is given as an object, else the pool in use.</summary>
    private protected PoolInfo RequirePoolFor(object? session) =>
        Pool is null && Unwrapped(session) is Session given && RunspacePool.PoolOf(given) is { } home ? home : RequirePoolOrStartDefault();

    /// <summary>
    /// The sessions with these names. An existing name is taken literally, even if it is also a pattern. A missing name without
    /// wildcards is an error of that name only.
    /// </summary>
    private protected IEnumerable<Session> FindSessions(PoolInfo pool, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (pool.Pool.Sessions.Find(name) is { } exact)
            {
                yield return exact;
            }
            else if (NamePattern.Of(name) is { IsPattern: true } pattern)
            {
                foreach (Session session in pool.Pool.Sessions.All.Where(session => pattern.IsMatch(session.Name)))
                    yield return session;
            }
            else if (pool.Pool.Sessions.Find(WildcardPattern.Unescape(name)) is { } session)
            {
                yield return session;
            }
            else
            {
                WriteError(KiroErrors.Create(new AgentException(FailureKind.SessionNotFound, $"There is no session '{name}'. List the sessions with Get-KiroSession.") { Value = name }));
            }
        }
    }

    /// <summary>Ends a command inside a permission handler that would wait for the end of the handler.</summary>
    private protected void RefuseToWaitForItself(PoolInfo pool, Session? session = null)
    {
        if (HandlerScope.WhyNotWaitFor(pool.Pool, session?.Name) is { } fault)
            throw Terminate(KiroErrors.Create(KiroException.PermissionHandlerFailed(fault, pool)));
    }

    private protected static object? Unwrapped(object? value) => value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;
}
