using System.Management.Automation;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>Returns the running pool of the runspace; nothing without one. Starts none.</summary>
[Cmdlet(VerbsCommon.Get, "KiroPool")]
[OutputType(typeof(PoolInfo))]
public sealed class GetKiroPoolCommand : KiroCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (RunspacePool.Current is { Pool.IsStopped: false } pool)
            WriteObject(pool);
    }
}
