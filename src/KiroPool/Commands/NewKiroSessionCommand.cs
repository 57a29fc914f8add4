using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Creates a named conversation that outlives a prompt.</summary>
[Cmdlet(VerbsCommon.New, "KiroSession", SupportsShouldProcess = true)]
[OutputType(typeof(Session))]
public sealed partial class NewKiroSessionCommand : AgentCommand
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Its name. Names ignore case.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The agent's id of a stored conversation, which the session continues. Get-KiroSession -Saved lists them.</summary>
    [Parameter]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>Returns without waiting for an agent. The first prompt waits instead.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Name, "Make the session"))
            return;
        PoolInfo pool = RequirePoolOrStartDefault();
        AgentSpec spec = SpecFor(pool);
        MoveStandby(pool, spec);
        spec = WithSession(spec);
        Session session;
        try
        {
            session = Made(pool.Pool.Sessions.Create(Name, spec));
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }

        if (Id is not null)
            session.ResumeFrom(Id);
        if (!NoWait)
            Open(pool, session);
        WriteObject(session);
    }

    private void Open(PoolInfo pool, Session session)
    {
        try
        {
            OpenOrRemove(session, pool, acceptsLoss: false, _stopping.Token);
        }
        catch when (Id is not null)
        {
            // A stored conversation that cannot be continued leaves no session.
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();
}
