using System.Collections.Concurrent;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Processes.Far;
using KiroPool.Engine.Text;

namespace KiroPool.Engine;

/// <summary>Creates the connection for the protocol of a spec, on a host. Owns the links to far hosts.</summary>
internal sealed class AgentConnector(PoolOptions options, TimeProvider time, IPoolLog log) : IAgentConnector
{
    private readonly ConnectionLimits _limits = options.ConnectionLimits;
    private readonly ConcurrentDictionary<AgentHost, HostLink> _links = new();
    private readonly EarlyDeaths _earlyDeaths = new();

    public IAgentConnection Create(AgentSpec spec, AgentHost host)
    {
        IAgentStarter starter = StarterOn(host);
        spec = Located(spec, host);
        var parts = new TextAgentParts(spec, _limits, time, log, _earlyDeaths, starter);
        return spec.Protocol switch
        {
            AgentProtocol.Acp => new AcpConnection(spec, _limits, time, log, starter),
            AgentProtocol.Chat => new ChatConnection(parts),
            AgentProtocol.Delimited => new DelimitedConnection(parts),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Protocol, "The protocol is unknown."),
        };
    }

    /// <summary>Asks kiro-cli for the models of its account, on the first host that gives a connection.</summary>
    /// <exception cref="AgentException">No host did, or kiro-cli did not answer.</exception>
    public async Task<IReadOnlyList<KiroModel>> ReadModelsAsync(AgentSpec spec, TimeSpan limit, CancellationToken cancellationToken)
    {
        foreach (AgentHost host in options.Hosts.SkipLast(1))
        {
            try
            {
                return await ReadModelsAsync(spec, host, limit, cancellationToken).ConfigureAwait(false);
            }
            catch (AgentException e) when (PoolHost.IsOfHost(e))
            {
                log.WriteVerbose($"the host '{host.Name}' was not asked for models: {e.Message}");
            }
        }

        return await ReadModelsAsync(spec, options.Hosts[^1], limit, cancellationToken).ConfigureAwait(false);
    }

    public Task CloseAsync() => Task.WhenAll(_links.Values.Select(link => link.CloseAsync()));

    public LinkState? ReadLink(AgentHost host) => _links.TryGetValue(host, out HostLink? link) ? new LinkState(link.IsLost, link.WhyLost, link.RoundTrip) : null;

    private Task<IReadOnlyList<KiroModel>> ReadModelsAsync(AgentSpec spec, AgentHost host, TimeSpan limit, CancellationToken cancellationToken) =>
        KiroModelList.ReadAsync(Located(spec, host), limit, time, StarterOn(host), cancellationToken);

    /// <summary>The spec with the full path of its program. On a far host it is looked up there.</summary>
    private static AgentSpec Located(AgentSpec spec, AgentHost host) =>
        host.IsFar || Path.IsPathFullyQualified(spec.Executable) ? spec : spec.With(executable: KiroCliLocator.Locate(spec.Executable, spec.WorkingDirectory));

    private IAgentStarter StarterOn(AgentHost host) =>
        host.IsFar ? new FarStarter(host, LinkTo(host), _limits.ConversationStopGraces, _limits.StopGraces.AfterInputClosed) : LocalStarter.Instance;

    private HostLink LinkTo(AgentHost host) => _links.GetOrAdd(host, _ => new HostLink(host, options.LinkLimits, time, log));
}
