using KiroPool.Binding;
using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>A cmdlet that talks to an agent, in a session or out of one.</summary>
public abstract class AgentCommand : PoolCommand
{
    private protected AgentCommand()
    {
    }

    /// <summary>The agent (mode) to use; the pool's when not given. That of a session is fixed when it is made.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use; the pool's when not given. That of a session is fixed when it is made.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory the agent works in; the pool's when not given. That of a session is fixed when it is made.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>The agent to run on: the pool's, with what the parameters change.</summary>
    private protected AgentSpec SpecFor(PoolInfo pool)
    {
        try
        {
            return pool.Pool.DefaultSpec.With(Agent, Model, WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>A session by its object or its name; a name that is new is made.</summary>
    private protected Session SessionFor(PoolInfo pool, object session)
    {
        try
        {
            string? directory = WorkingDirectory is null ? null : SessionState.ResolveDirectory(WorkingDirectory);
            if (Unwrapped(session) is not Session given)
                return pool.Pool.Sessions.GetOrCreate(ReadName(session), Agent, Model, directory);
            if (!given.BelongsTo(pool.Pool))
                throw new AgentException(FailureKind.SessionFromElsewhere, $"The session '{given.Name}' belongs to another pool. Use the pool that made it.") { Value = given };
            given.EnsureMatches(Agent, Model, directory);
            return given;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>Waits until a session has an agent. A conversation that never came to be does not stay behind.</summary>
    private protected void OpenOrRemove(Session session, PoolInfo pool, CancellationToken cancellationToken)
    {
        try
        {
            RefuseToWaitForItself(pool, session);
            WaitFor(() => session.OpenAsync(cancellationToken), pool.Pool.Log, cancellationToken);
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

    private static string ReadName(object session)
    {
        if (session is PSObject copy && copy.TypeNames.Contains("Deserialized.KiroPool.Session"))
            throw new AgentException(FailureKind.SessionFromElsewhere, "This session belongs to another process, and conversations cannot move. Name a session of this one.") { Value = session };
        string name = LanguagePrimitives.ConvertTo<string>(session);
        return string.IsNullOrWhiteSpace(name)
            ? throw new AgentException(FailureKind.SessionNotFound, "The name of the session is blank. Give it one.") { Value = session }
            : name;
    }
}
