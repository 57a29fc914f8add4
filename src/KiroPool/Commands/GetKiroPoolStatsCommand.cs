using System.Management.Automation;

namespace KiroPool.Commands;

/// <summary>Shows what a pool has done, and its processes.</summary>
[Cmdlet(VerbsCommon.Get, "KiroPoolStats")]
[OutputType(typeof(PoolStatistics))]
public sealed class GetKiroPoolStatsCommand : PoolCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(RequirePool().Pool.GetStatistics());
}
