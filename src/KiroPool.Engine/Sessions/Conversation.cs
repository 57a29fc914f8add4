using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Protocols;
using KiroPool.Engine.Protocols.PlainText;

namespace KiroPool.Engine.Sessions;

/// <summary>A conversation of several turns. It holds an agent of the pool until it is disposed.</summary>
public sealed class Conversation : IDisposable
{
    private readonly AgentPool _pool;
    private readonly AgentLease _lease;
    private readonly IAgentSession _session;

    private Conversation(AgentPool pool, AgentSpec spec, AgentLease lease, IAgentSession session) =>
        (_pool, Spec, _lease, _session) = (pool, spec, lease, session);

    /// <summary>The agent it is held with.</summary>
    public AgentSpec Spec { get; }

    /// <summary>The agent (mode) in force, as far as the process tells.</summary>
    public string? Agent => _session.Agent ?? Spec.Agent;

    /// <summary>The model in force, as far as the process tells.</summary>
    public string? Model => _session.Model ?? Spec.Model;

    /// <summary>Waits for an agent and begins a conversation with it.</summary>
    /// <exception cref="AgentException">There is no agent to be had, or its protocol has no conversations (<see cref="FailureKind.NotSupported"/>).</exception>
    public static async Task<Conversation> OpenAsync(AgentPool pool, AgentSpec? spec = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        spec ??= pool.DefaultSpec;
        PlainTextLimits.ThrowIfNoConversations(spec);
        AgentLease lease = await pool.RentAsync(spec, cancellationToken).ConfigureAwait(false);
        try
        {
            IAgentSession session = await lease.Connection.TakeSessionAsync(cancellationToken).ConfigureAwait(false);
            return new Conversation(pool, spec, lease, session);
        }
        catch
        {
            lease.Return();
            throw;
        }
    }

    /// <summary>Runs a turn, one at a time.</summary>
    /// <exception cref="PromptFailedException">It did not complete. The conversation goes on if the agent still lives.</exception>
    public Task<PromptResult> PromptAsync(PromptRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _pool.PromptAsync(request with { Spec = Spec }, new PromptLoan(_lease, _session, keep: true), cancellationToken);
    }

    /// <summary>Ends the conversation and gives the agent back.</summary>
    public void Dispose()
    {
        _session.Close();
        _lease.Return();
    }
}
