using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace KiroPool.Tests.Harness;

/// <summary>
/// <c>Select-Object -First</c> for an engine without it: takes some objects and stops the commands before it, by the
/// same exception, which is internal.
/// </summary>
[Cmdlet(VerbsCommon.Select, "First")]
public sealed class SelectFirstCommand : PSCmdlet
{
    private static readonly ConstructorInfo StopUpstream = typeof(PSCmdlet).Assembly
        .GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!
        .GetConstructor([typeof(InternalCommand)])!;

    private int _taken;

    /// <summary>How many.</summary>
    [Parameter(Position = 0)]
    public int First { get; set; } = 1;

    /// <summary>The objects.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        if (++_taken >= First)
            throw (Exception)StopUpstream.Invoke([this]);
    }
}
