using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Text;

namespace KiroPool.Engine;

/// <summary>Creates the connection for the protocol of a spec.</summary>
internal sealed class AgentConnector(PoolOptions options, TimeProvider time, IPoolLog log) : IAgentConnector
{
    private readonly ConnectionLimits _limits = options.ConnectionLimits;
    private readonly EarlyDeaths _earlyDeaths = new();

    public IAgentConnection Create(AgentSpec spec)
    {
        var parts = new TextAgentParts(spec, _limits, time, log, _earlyDeaths);
        return spec.Protocol switch
        {
            AgentProtocol.Acp => new AcpConnection(spec, _limits, time, log),
            AgentProtocol.Chat => new ChatConnection(parts),
            AgentProtocol.Delimited => new DelimitedConnection(parts),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Protocol, "The protocol is unknown."),
        };
    }
}
