using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Kiro;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <summary>Lists the models of the kiro-cli account, or those that another agent of the pool has reported.</summary>
[Cmdlet(VerbsCommon.Get, "KiroModel")]
[OutputType(typeof(KiroModel))]
public sealed class GetKiroModelCommand : InquiryCommand
{
    /// <summary>Names; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Name { get; set; } = ["*"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        AgentSpec spec = ReadSpec();
        foreach (KiroModel model in Read(spec).Where(model => IsWanted(model.Id, Name)))
            WriteObject(model);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    private IReadOnlyList<KiroModel> Read(AgentSpec spec)
    {
        if (!KiroCliLocator.IsKiroCli(spec.Executable))
            return [.. (PoolInUse?.Pool.ReadOffer().Models ?? []).Select(id => new KiroModel { Id = id })];
        try
        {
            Task<IReadOnlyList<KiroModel>>? reading = null;
            Func<Task<IReadOnlyList<KiroModel>>> read = AskedPool is { Options.Hosts.HasFar: true, Pool: { IsStopped: false } far }
                ? () => far.ReadModelsAsync(spec, Limit, _stopping.Token)
                : () => KiroModelList.ReadAsync(spec, Limit, null, _stopping.Token);
            WaitFor(() => reading = read(), new PoolLog(), () => "asking for the models", _stopping.Token);
            return reading!.GetAwaiter().GetResult();
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
