using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine;

/// <summary>The conversations that the agents of a pool have stored. An agent of the pool is leased to ask it.</summary>
public sealed class SavedSessions
{
    private readonly AgentPool _pool;

    internal SavedSessions(AgentPool pool) => _pool = pool;

    /// <summary>The stored conversations of a directory.</summary>
    /// <param name="spec">The agent and the directory; the pool's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException">NotSupported: the agent does not list them. Or no agent is available.</exception>
    public Task<IReadOnlyList<SavedSession>> ListAsync(AgentSpec? spec = null, CancellationToken cancellationToken = default) =>
        AskAsync(spec, connection => connection.ListSavedAsync(cancellationToken), cancellationToken);

    /// <summary>Deletes a stored conversation.</summary>
    /// <param name="sessionId">The agent's id of it.</param>
    /// <param name="spec">The agent and the directory; the pool's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException">NotSupported: the agent does not delete them. Or no agent is available.</exception>
    public Task DeleteAsync(string sessionId, AgentSpec? spec = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sessionId);
        return AskAsync(
            spec,
            async connection =>
            {
                await connection.DeleteSavedAsync(sessionId, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    private async Task<T> AskAsync<T>(AgentSpec? spec, Func<IAgentConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        AgentLease lease = await _pool.RentAsync(spec ?? _pool.DefaultSpec, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask(lease.Connection).ConfigureAwait(false);
        }
        finally
        {
            lease.Return();
        }
    }
}
