using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>A cmdlet that uses a pool.</summary>
public abstract class PoolCommand : KiroCommand
{
    private protected PoolCommand()
    {
    }

    /// <summary>The pool to use; the runspace's own when it is not given.</summary>
    [Parameter]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    private protected PoolInfo? PoolInUse => Pool ?? RunspacePool.Current;

    private protected PoolInfo RequirePool() => PoolInUse ?? throw Terminate(KiroErrors.Create(
        KiroErrors.PoolNotStarted,
        "There is no pool in this runspace. Start one with Start-KiroPool, or hand one over: $pool = Start-KiroPool; … | ForEach-Object -Parallel { … -Pool $using:pool }.",
        target: null));

    /// <summary>The pool in use; in the process's first runspace one with the default options is started if there is none.</summary>
    private protected PoolInfo RequirePoolOrStartDefault()
    {
        if (PoolInUse is not null || !RunspacePool.IsFirstRunspace)
            return RequirePool();
        WriteVerbose("There is no pool; one with the default options is started.");
        try
        {
            var pool = new PoolInfo(new AgentPool(new PoolOptions(), SpecReader.Read(SessionState)));
            RunspacePool.Own(pool);
            return pool;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The pool of a session that is given as an object, unless another one is named; else the pool in use.</summary>
    private protected PoolInfo RequirePoolFor(object? session) =>
        Pool is null && Unwrapped(session) is Session given && RunspacePool.PoolOf(given) is { } home ? home : RequirePoolOrStartDefault();

    /// <summary>A session by its object or its name; a name that is new is made.</summary>
    private protected Session SessionFor(PoolInfo pool, object session, string? agent, string? model, string? workingDirectory)
    {
        try
        {
            string? directory = workingDirectory is null ? null : SessionState.ResolveDirectory(workingDirectory);
            if (Unwrapped(session) is not Session given)
                return pool.Pool.Sessions.GetOrCreate(ReadName(session), agent, model, directory);
            if (!given.BelongsTo(pool.Pool))
                throw new AgentException(FailureKind.SessionFromElsewhere, $"The session '{given.Name}' belongs to another pool. Use the pool that made it.") { Value = given };
            given.EnsureMatches(agent, model, directory);
            return given;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The sessions of these names. A name without wildcards that is not there is an error of that name alone.</summary>
    private protected IEnumerable<Session> FindSessions(PoolInfo pool, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                foreach (Session session in pool.Pool.Sessions.All.Where(session => pattern.IsMatch(session.Name)))
                    yield return session;
            }
            else if (pool.Pool.Sessions.Find(name) is { } session)
            {
                yield return session;
            }
            else
            {
                WriteError(KiroErrors.Create(new AgentException(FailureKind.SessionNotFound, $"There is no session '{name}'. Get-KiroSession shows those there are.") { Value = name }));
            }
        }
    }

    /// <summary>Waits until a session has an agent. A conversation that never came to be does not stay behind.</summary>
    private protected void OpenOrRemove(Session session, AgentPool pool, CancellationToken cancellationToken)
    {
        try
        {
            WaitFor(() => session.OpenAsync(cancellationToken), pool.Log, cancellationToken);
        }
        catch (Exception e)
        {
            if (session.Turns == 0 && session.SessionId is null)
                session.Dispose();
            if (e is AgentException failure)
                throw Terminate(KiroErrors.Create(failure));
            throw;
        }
    }

    private static object? Unwrapped(object? value) => value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;

    private static string ReadName(object session)
    {
        if (session is PSObject copy && copy.TypeNames.Contains("Deserialized.KiroPool.Session"))
            throw new AgentException(FailureKind.SessionFromElsewhere, "This session belongs to another process, and conversations cannot move. Name a session of this one.") { Value = session };
        string name = LanguagePrimitives.ConvertTo<string>(session);
        return string.IsNullOrWhiteSpace(name)
            ? throw new AgentException(FailureKind.SessionNotFound, "The name of the session is blank. Give it one.") { Value = session }
            : name;
    }

    /// <summary>The agent to run on: the pool's, with what the parameters change.</summary>
    private protected AgentSpec SpecFor(PoolInfo pool, string? agent, string? model, string? workingDirectory)
    {
        try
        {
            return pool.Pool.DefaultSpec.With(agent, model, workingDirectory is null ? null : SessionState.ResolveDirectory(workingDirectory));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
