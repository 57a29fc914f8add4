using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Sessions;

/// <summary>The agent and session of a turn. A kept session belongs to a conversation and outlives the turn.</summary>
internal sealed class PromptLoan(AgentLease lease, IAgentSession session, bool keep) : IDisposable
{
    public AgentLease Lease { get; } = lease;

    public IAgentSession Session { get; } = session;

    public void Dispose()
    {
        if (!keep)
            Session.Close();
        Lease.Return();
    }
}
