using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <content>The use of the account's quota.</content>
internal sealed partial class AcpConnection
{
    // The agent asks the service of its account.
    private static readonly TimeSpan UsageWithin = TimeSpan.FromSeconds(10);

    public bool ReportsUsage => _nextSession is not null && Dialect.UsageMethod is not null && !_closed.Task.IsCompleted;

    public async Task<AccountUsage?> ReadUsageAsync(CancellationToken cancellationToken)
    {
        if (!ReportsUsage)
            return null;
        using var limit = new StepLimit(UsageWithin, turn: null, time, cancellationToken);
        try
        {
            KiroUsage reply = await _rpc!.RequestAsync(Dialect.UsageMethod!, new NoParams(), OutgoingJson.Default.NoParams, IncomingJson.Default.KiroUsage, limit.Token).ConfigureAwait(false);
            return reply.ToAccount(time.GetLocalNow()) ?? throw new AgentException(FailureKind.AgentError, $"The agent did not report the use of the account: {reply.Message ?? "it gave no reason."}");
        }
        catch (JsonRpcException e) when (KiroUsage.IsUnknown(e))
        {
            return null;
        }
        catch (JsonRpcException e)
        {
            throw AgentError.ToFailure(e, "to report the use of the account", Dialect);
        }
        catch (OperationCanceledException) when (limit.HasPassed && !cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(FailureKind.AgentSilent, $"The agent did not report the use of the account within {UsageWithin.TotalSeconds:0} s.");
        }
        catch (JsonException e)
        {
            throw new AgentException(FailureKind.ProtocolViolation, e.Message, e);
        }
        catch (IOException e)
        {
            throw await DescribeEndAsync(FailureKind.AgentDied, "before it reported the use of the account", e).ConfigureAwait(false);
        }
    }
}
