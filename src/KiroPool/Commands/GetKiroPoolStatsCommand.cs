using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;

namespace KiroPool.Commands;

/// <summary>Shows what a pool has done, and its processes.</summary>
[Cmdlet(VerbsCommon.Get, "KiroPoolStats")]
[OutputType(typeof(PoolStatistics))]
public sealed class GetKiroPoolStatsCommand : KiroCommand
{
    /// <summary>The pool to show. Default: the pool of the runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(RequirePool(Pool).Pool.GetStatistics());
}
