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
        IAgentStarter starter = LocalStarter.Instance;
        if (host.IsFar)
            starter = new FarStarter(host, LinkTo(host), _limits.ConversationStopGraces, _limits.StopGraces.AfterInputClosed);
        else if (!Path.IsPathFullyQualified(spec.Executable))
            spec = spec.With(executable: KiroCliLocator.Locate(spec.Executable, spec.WorkingDirectory));

        var parts = new TextAgentParts(spec, _limits, time, log, _earlyDeaths, starter);
        return spec.Protocol switch
        {
            AgentProtocol.Acp => new AcpConnection(spec, _limits, time, log, starter),
            AgentProtocol.Chat => new ChatConnection(parts),
            AgentProtocol.Delimited => new DelimitedConnection(parts),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Protocol, "The protocol is unknown."),
        };
    }

    public Task CloseAsync() => Task.WhenAll(_links.Values.Select(link => link.CloseAsync()));

    public LinkState? ReadLink(AgentHost host) => _links.TryGetValue(host, out HostLink? link) ? new LinkState(link.IsLost, link.WhyLost, link.RoundTrip) : null;

    private HostLink LinkTo(AgentHost host) => _links.GetOrAdd(host, _ => new HostLink(host, options.LinkLimits, time, log));
}
