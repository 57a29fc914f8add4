using KiroPool.Binding;
using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>A cmdlet that uses an agent, with or without a session.</summary>
public abstract class AgentCommand : PoolCommand
{
    private Session? _made;

    private protected AgentCommand()
    {
    }

    /// <summary>Marks a session as the command's own: it is removed if its conversation cannot start.</summary>
    private protected Session Made(Session session) => _made = session;

    /// <summary>The agent (mode) to use. Default: the pool's. A session keeps its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use. Default: the pool's. A session keeps its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory in which the agent works. Default: the one that the pool was started with, else the present location. A session keeps its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DirectoryCompleter))]
    public string? WorkingDirectory { get; set; }

    /// <summary>The pool's spec at the present location, with the changes of the parameters.</summary>
    private protected AgentSpec SpecFor(PoolInfo pool)
    {
        try
        {
            return WorkingDirectory is null
                ? pool.SpecAt(SessionState.UsableDirectory()).With(Agent, Model)
                : pool.Pool.DefaultSpec.With(Agent, Model, DirectoryIn(pool));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The values of an agent for a session that the command creates.</summary>
    private protected virtual AgentSpec ForNewSession(PoolInfo pool, AgentSpec spec) => spec;

    /// <summary>Lets the warm agents follow the user to the present location, unless the pool or the command has a directory of its own.</summary>
    private protected void MoveStandby(PoolInfo pool, AgentSpec spec)
    {
        if (pool.FollowsLocation && WorkingDirectory is null)
            pool.Pool.MoveStandby(spec.WorkingDirectory);
    }

    /// <summary>A session by object or name. A new name creates one.</summary>
    private protected Session SessionFor(PoolInfo pool, object session)
    {
        try
        {
            string? directory = DirectoryIn(pool);
            if (Unwrapped(session) is not Session given)
            {
                string name = ReadName(session);
                bool exists = pool.Pool.Sessions.Find(name) is not null;
                Session named = pool.Pool.Sessions.GetOrCreate(name, Agent, Model, directory, ForNewSession(pool, pool.SpecAt(SessionState.UsableDirectory())));
                _made = exists ? null : named;
                return named;
            }

            if (!given.BelongsTo(pool.Pool))
                throw new AgentException(FailureKind.SessionFromElsewhere, $"The session '{given.Name}' belongs to another pool. Use the pool that created it (-Pool).") { Value = given };
            given.EnsureMatches(Agent, Model, directory);
            return given;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>Waits until a session has an agent. A session whose conversation cannot start is removed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="pool">Its pool.</param>
    /// <param name="acceptsLoss">Whether a conversation that cannot be resumed is returned instead of ending the command.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private protected AgentException? OpenOrRemove(Session session, PoolInfo pool, bool acceptsLoss, CancellationToken cancellationToken)
    {
        try
        {
            RefuseToWaitForItself(pool, session);
            WaitFor(() => session.OpenAsync(cancellationToken), pool.Pool.Log, () => PoolWords.ForAgent(pool.Pool.ReadActivity()), cancellationToken);
            return null;
        }
        catch (AgentException e) when (acceptsLoss && e.Kind is FailureKind.SessionLost or FailureKind.SessionLocked)
        {
            return e;
        }
        catch (Exception e)
        {
            // Not a session that others use, whose first prompt may still wait or run.
            if (session.Turns == 0 && session.SessionId is null && (session.Name.Length == 0 || session == _made) && session.State != "Busy")
                session.Dispose();
            RunspacePool.ForgetIfFailed();
            if (e is AgentException failure)
                throw Terminate(KiroErrors.Create(failure));
            throw;
        }
    }

    private protected string? DirectoryIn(PoolInfo pool) => WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory, pool.Options.Hosts.HasFar);

    private static string ReadName(object session)
    {
        if (CopiedObject.Is(session, typeof(Session).FullName!))
            throw new AgentException(FailureKind.SessionFromElsewhere, "This session belongs to another process, and conversations cannot move. Use a session of this process.") { Value = session };
        string name = LanguagePrimitives.ConvertTo<string>(session);
        return string.IsNullOrWhiteSpace(name)
            ? throw new AgentException(FailureKind.SessionNotFound, "The name of the session is blank. Give a name.") { Value = session }
            : name;
    }
}
