using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Pooling;
using KiroPool.Errors;
using KiroPool.Formatting;
using KiroPool.State;

namespace KiroPool.Commands;

/// <summary>Stops a pool and ends all its processes.</summary>
[Cmdlet(VerbsLifecycle.Stop, "KiroPool", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PoolStatistics))]
public sealed class StopKiroPoolCommand : KiroCommand
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The pool to stop. Default: the pool of the runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    /// <summary>Cancels queued and running prompts instead of waiting for them.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the final statistics of the pool.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if ((Pool ?? RunspacePool.Current) is not { } pool)
        {
            WriteVerbose("There is no pool to stop.");
            return;
        }

        if (!ShouldProcess(pool.ToString(), Force ? "Cancel all prompts and stop the pool" : "Stop the pool"))
            return;
        if (!Force && HandlerScope.WhyNotDrain(pool.Pool) is { } fault)
            throw Terminate(KiroErrors.Create(KiroException.PermissionHandlerFailed(fault, pool)));
        WaitFor(
            () => pool.Pool.StopAsync(Force ? PoolStopMode.Cancel : PoolStopMode.Drain),
            pool.Pool.Log,
            () => PoolWords.ForStop(pool.Pool.ReadActivity()),
            _stopping.Token);
        RunspacePool.Disown(pool);
        if (PassThru)
            WriteObject(pool.Pool.GetStatistics());
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();
}
