using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Shows what a pool has done, and its processes.</summary>
[Cmdlet(VerbsCommon.Get, "KiroPoolStats")]
[OutputType(typeof(PoolStatistics))]
public sealed class GetKiroPoolStatsCommand : KiroCommand, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The pool to show. Default: the pool of the runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PoolTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PoolCompleter))]
    public PoolInfo? Pool { get; set; }

    /// <summary>Asks an agent for the use of its account's quota first. kiro-cli's engine V3 reports it.</summary>
    [Parameter]
    public SwitchParameter Usage { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        PoolInfo pool = RequirePool(Pool);
        if (Usage)
            ReadUsage(pool);
        WriteObject(pool.Pool.GetStatistics());
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private void ReadUsage(PoolInfo pool)
    {
        AccountUsage? usage = null;
        try
        {
            WaitFor(async () => usage = await pool.Pool.ReadUsageAsync(TimeSpan.Zero, _stop.Token).ConfigureAwait(false), pool.Pool.Log, () => "asking for the use of the account", _stop.Token);
            if (usage is null)
                throw new AgentException(FailureKind.NotSupported, $"'{Path.GetFileName(pool.FilePath)}' does not report the use of its account. kiro-cli does with its engine V3 (Start-KiroPool -Engine V3).");
        }
        catch (AgentException e)
        {
            WriteError(KiroErrors.Create(e));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
