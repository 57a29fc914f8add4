using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Acp;

/// <summary>Makes connections to agents that speak the Agent Client Protocol over stdin and stdout.</summary>
internal sealed class AcpConnector(PoolOptions options, TimeProvider time, IPoolLog log) : IAgentConnector
{
    public IAgentConnection Create(AgentSpec spec) => new AcpConnection(spec, options, time, log);
}
