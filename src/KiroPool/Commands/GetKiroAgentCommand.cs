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
        AgentPool? pool = isNamed ? null : AskedPool?.Pool;
        KiroEngine? engine = isNamed ? Engine : pool?.ReadEngine() ?? spec.Engine;
        bool isKiro = KiroCliLocator.IsKiroCli(spec.Executable) || engine is not null;
        bool isFar = AskedPool is { Options.Hosts.HasFar: true };
        IReadOnlyList<string> offered = pool?.ReadOffer().Agents ?? [];

        // Files of this machine say nothing about agents on another one.
        IReadOnlyList<KiroAgent> known = !isKiro ? [] : isFar ? KiroAgentList.BuiltIn(engine) : KiroAgentList.Read(spec, engine);
        if (isFar && isKiro && offered.Count == 0)
            WriteWarning("No process on the pool's hosts has reported its agents yet, so only kiro-cli's built-in ones are listed. Files of other hosts are not read.");
        foreach (KiroAgent agent in KiroAgentList.Join(offered, known).Where(agent => IsWanted(agent.Name, Name)))
            WriteObject(agent);
    }
}
