using System.Management.Automation;
using KiroPool.Completion;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Commands;

/// <summary>Lists the agents that the pool's processes have reported, and the agents that kiro-cli finds in a directory.</summary>
[Cmdlet(VerbsCommon.Get, "KiroAgent")]
[OutputType(typeof(KiroAgent))]
public sealed class GetKiroAgentCommand : InquiryCommand
{
    /// <summary>Names; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(AgentCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The engine of kiro-cli whose agents are listed. Default: the engine of the pool, or V2.</summary>
    [Parameter]
    public KiroEngine Engine { get; set; }

    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        AgentSpec spec = ReadSpec();
        bool isNamed = MyInvocation.BoundParameters.ContainsKey(nameof(Engine));
        AgentPool? pool = isNamed || FilePath is not null || Environment is not null ? null : PoolInUse?.Pool;
        KiroEngine? engine = isNamed ? Engine : pool?.ReadEngine() ?? spec.Engine;
        bool isKiro = KiroCliLocator.IsKiroCli(spec.Executable) || engine is not null;
        IReadOnlyList<KiroAgent> known = isKiro ? KiroAgentList.Read(spec, engine) : [];
        foreach (KiroAgent agent in KiroAgentList.Join(pool?.ReadOffer().Agents ?? [], known).Where(agent => IsWanted(agent.Name, Name)))
            WriteObject(agent);
    }
}
