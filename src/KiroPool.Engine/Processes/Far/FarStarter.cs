using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>Starts agent programs on a far host.</summary>
/// <param name="host">The host.</param>
/// <param name="link">The link to it.</param>
/// <param name="graces">The longest graces of an agent here. Those of the far side are longer, because it acts only when nothing here can.</param>
/// <param name="rest">How long the processes that an ended agent has left may take to end.</param>
internal sealed class FarStarter(AgentHost host, HostLink link, StopGraces graces, TimeSpan rest) : IAgentStarter
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    public AgentHost Host => host;

    public bool IsLate => link.IsLate;

    public async Task<AgentProcess> LaunchAsync(AgentCommand command, CancellationToken cancellationToken)
    {
        FarScript.ThrowIfNotSettable(command.Environment.Keys);
        await link.EnsureUpAsync(cancellationToken).ConfigureAwait(false);
        string marker = link.NextMarker();
        var report = new FarReport(FarScript.NewNonce());
        byte[] script = FarScript.Stub(report.Nonce, marker, command, new StopGraces(graces.AfterInputClosed + Later, graces.AfterTerminate + Later), rest);
        FarEnd end = link.NewEnd(report, marker);
        (AgentProcess process, string line) = await link.StartAsync(script, end, cancellationToken).ConfigureAwait(false);
        if (report.GroupId is not { } group)
        {
            await process.StopAsync(StopGraces.None, TimeProvider.System).ConfigureAwait(false);
            throw FarFailure.Of(host, line, command);
        }

        link.Add(group, process);
        try
        {
            // The keeper may have been lost meanwhile. Without one, the loss of the link would not be noticed for this agent.
            await link.EnsureUpAsync(cancellationToken).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.StopAsync(StopGraces.None, TimeProvider.System).ConfigureAwait(false);
            throw;
        }
    }
}
