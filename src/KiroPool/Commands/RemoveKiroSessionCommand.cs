using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Ends named conversations. Waiting prompts fail, a running one is cancelled, and the agents close the conversations.</summary>
[Cmdlet(VerbsCommon.Remove, "KiroSession", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
public sealed class RemoveKiroSessionCommand : PoolCommand
{
    private const string NameSet = "Name";
    private const string ObjectSet = "Object";
    private const string SavedSet = "Saved";

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Names; wildcards are allowed, and * means all.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[]? Name { get; set; }

    /// <summary>A session of Get-KiroSession or New-KiroSession.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNull]
    public Session? InputObject { get; set; }

    /// <summary>Deletes conversations that the agent has stored, by their ids. Only with -Id.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SavedSet)]
    public SwitchParameter Saved { get; set; }

    /// <summary>The agent's ids of stored conversations, as Get-KiroSession -Saved shows them.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = SavedSet)]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Saved)
        {
            DeleteSaved();
            return;
        }

        PoolInfo pool = InputObject is null ? RequirePool() : RequirePoolFor(InputObject);
        Session[] sessions = InputObject is null ? [.. FindSessions(pool, Name!)] : [InputObject];
        foreach (Session session in sessions.Where(session => ShouldProcess(session.ToString(), "Remove the session")))
        {
            try
            {
                pool.Pool.Sessions.Remove(session);
            }
            catch (AgentException e)
            {
                WriteError(KiroErrors.Create(e, session));
            }
        }
    }

    private void DeleteSaved()
    {
        PoolInfo pool = RequirePoolOrStartDefault();
        foreach (string id in Id!.Where(id => ShouldProcess(id, "Delete the stored conversation")))
            AskAgent(pool, spec => pool.Pool.Saved.DeleteAsync(id, spec, _stopping.Token), _stopping.Token);
    }
}
