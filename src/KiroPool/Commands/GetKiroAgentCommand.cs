using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Commands;

/// <summary>Lists the agents that kiro-cli finds in a directory, or that another agent program of the pool has reported.</summary>
[Cmdlet(VerbsCommon.Get, "KiroAgent")]
[OutputType(typeof(KiroAgent))]
public sealed class GetKiroAgentCommand : InquiryCommand
{
    /// <inheritdoc/>
    /// <remarks>Not in EndProcessing, which also runs after input that does not bind.</remarks>
    protected override void ProcessRecord()
    {
        AgentSpec spec = ReadSpec();
        IEnumerable<KiroAgent> agents = KiroCliLocator.IsKiroCli(spec.Executable)
            ? KiroAgentList.Read(spec)
            : (PoolInUse?.Pool.ReadOffer().Agents ?? []).Select(name => new KiroAgent { Name = name, Source = "Program" });
        foreach (KiroAgent agent in agents.Where(agent => IsWanted(agent.Name)))
            WriteObject(agent);
    }
}
