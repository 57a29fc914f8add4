using System.Management.Automation;
using KiroPool.Completion;

namespace KiroPool.Commands;

/// <summary>Shows the named conversations of a pool, or their turns.</summary>
[Cmdlet(VerbsCommon.Get, "KiroSession")]
[OutputType(typeof(Session), typeof(SessionTurn))]
public sealed class GetKiroSessionCommand : PoolCommand
{
    /// <summary>Names; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Writes the turns instead: the latest 100 of each session.</summary>
    [Parameter]
    public SwitchParameter History { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        PoolInfo pool = RequirePool();
        foreach (Session session in FindSessions(pool, Name ?? ["*"]))
        {
            if (History)
                WriteObject(session.GetHistory(), enumerateCollection: true);
            else
                WriteObject(session);
        }
    }
}
