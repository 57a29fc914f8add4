using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Errors;
using KiroPool.Journal;

namespace KiroPool.Commands;

/// <summary>Reads a journal as the results it holds, without running anything.</summary>
[Cmdlet(VerbsData.Import, "KiroJournal", DefaultParameterSetName = PathSet)]
[OutputType(typeof(PromptResult))]
public sealed class ImportKiroJournalCommand : KiroCommand
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>The journals; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>The journals, by names that are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ResolvedItem found in (Path ?? LiteralPath!).SelectMany(path => SessionState.ResolveItems(path, isLiteral: LiteralPath is not null)))
        {
            if (found.Fault is { } fault)
                WriteError(KiroErrors.Create(fault, found.Path));
            else
                Import(found.Item!.FullName);
        }
    }

    private void Import(string path)
    {
        try
        {
            WriteObject(JournalImport.Read(path), enumerateCollection: true);
        }
        catch (KiroException e)
        {
            WriteError(KiroErrors.Create(e));
        }
    }
}
