using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>Reads the use of the account's quota from an agent of the pool. Any warm agent can answer, even during a turn.</summary>
internal sealed class AccountReader(AgentDispatcher dispatcher, AgentSpec spec, TimeProvider time)
{
    private AccountUsage? _last;

    /// <summary>The last report; null before the first.</summary>
    public AccountUsage? Last => Volatile.Read(ref _last);

    /// <summary>A warm agent that may report; null if there is none.</summary>
    public IAgentConnection? Reporter =>
        dispatcher.Read().Slots.Select(slot => slot.Agent.Life.Connection).FirstOrDefault(connection => connection is { ReportsUsage: true });

    public async Task<AccountUsage?> ReadAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        if (Last is { } known && time.GetLocalNow() - known.ReadAt < maxAge)
            return known;
        if (Reporter is { } warm)
            return Keep(await warm.ReadUsageAsync(cancellationToken).ConfigureAwait(false));
        AgentLease lease = await dispatcher.RentAsync(spec, resident: null, isAccepted: false, cancellationToken).ConfigureAwait(false);
        try
        {
            return Keep(await lease.Connection.ReadUsageAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            lease.Return();
        }
    }

    private AccountUsage? Keep(AccountUsage? usage)
    {
        if (usage is not null)
            Volatile.Write(ref _last, usage);
        return usage;
    }
}
