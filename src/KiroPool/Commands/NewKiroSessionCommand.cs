using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Makes a named conversation that outlives a prompt.</summary>
[Cmdlet(VerbsCommon.New, "KiroSession")]
[OutputType(typeof(Session))]
public sealed class NewKiroSessionCommand : PoolCommand
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Its name. Names are compared without regard to case.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The agent (mode) to use, for good; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string? Agent { get; set; }

    /// <summary>The model to use, for good; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The directory the agent works in, for good; the pool's when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Does not wait until the conversation has an agent; the first prompt does.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        PoolInfo pool = RequirePoolOrStartDefault();
        AgentSpec spec = SpecFor(pool, Agent, Model, WorkingDirectory);
        Session session;
        try
        {
            session = pool.Pool.Sessions.Create(Name, spec);
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }

        if (!NoWait)
            OpenOrRemove(session, pool.Pool, _stopping.Token);
        WriteObject(session);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();
}
