using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <content>Copies of a conversation.</content>
internal sealed partial class AcpConnection
{
    private bool OffersFork => _agent?.AgentCapabilities?.SessionCapabilities?.Fork is { ValueKind: System.Text.Json.JsonValueKind.Object };

    public async Task<IAgentSession> ForkSessionAsync(string id, CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        if (!OffersFork)
            throw CannotFork(cause: null);
        try
        {
            // Forks of other prompts may run, and some agents work on one request at a time.
            Task turns = _turnSettled;
            return await BeforeAsync(limits.SessionTimeout, AcpMethods.SessionFork, limit => _setup!.ForkAsync(id, limit), cancellationToken, turns.IsCompleted ? null : turns).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.InnerException is JsonRpcException { Code: JsonRpcException.MethodNotFound } missing)
        {
            throw CannotFork(missing);
        }
    }

    private AgentException CannotFork(Exception? cause) =>
        new(FailureKind.NotSupported, $"The agent '{AgentName}' cannot fork a conversation (session/fork). Run the prompts without -Fork, with the context in each of them.", cause);
}
