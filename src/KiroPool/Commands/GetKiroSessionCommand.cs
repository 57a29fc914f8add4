using System.Management.Automation;
using KiroPool.Completion;

namespace KiroPool.Commands;

/// <summary>Shows the named conversations of a pool, their turns, or the conversations that the agent has stored.</summary>
[Cmdlet(VerbsCommon.Get, "KiroSession", DefaultParameterSetName = NameSet)]
[OutputType(typeof(Session), typeof(SessionTurn), typeof(SavedSession))]
public sealed class GetKiroSessionCommand : PoolCommand
{
    private const string NameSet = "Name";
    private const string SavedSet = "Saved";

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Names; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Writes the turns instead: the latest 100 of each session.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public SwitchParameter History { get; set; }

    /// <summary>Asks the agent for the conversations of the directory that it has stored, those of earlier processes included.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SavedSet)]
    public SwitchParameter Saved { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Saved)
        {
            WriteSaved();
            return;
        }

        PoolInfo pool = RequirePool();
        foreach (Session session in FindSessions(pool, Name ?? ["*"]))
        {
            if (History)
                WriteObject(session.GetHistory(), enumerateCollection: true);
            else
                WriteObject(session);
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    private void WriteSaved()
    {
        PoolInfo pool = RequirePoolOrStartDefault();
        IReadOnlyList<SavedSession> found = [];
        AskAgent(pool, async spec => found = await pool.Pool.Saved.ListAsync(spec, _stopping.Token).ConfigureAwait(false), _stopping.Token);
        WriteObject(found, enumerateCollection: true);
    }
}
