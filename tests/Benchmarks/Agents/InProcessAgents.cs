using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Benchmarks.Agents;

/// <summary>
/// Agents without a process that answer before the call returns. They measure only the pool and the pipeline around it.
/// </summary>
internal sealed class InProcessAgents : IAgentConnector
{
    private static readonly Task<bool> Settled = Task.FromResult(true);
    private int _count;

    /// <summary>A pool of them.</summary>
    public static AgentPool MakePool(int size) =>
        new(new PoolOptions { MinSize = size, MaxSize = size, MaxStarting = size, MaxUses = 0 }, AgentProgram.Instant.Spec, _ => new InProcessAgents(), TimeProvider.System, Random.Shared);

    /// <summary>A pool of them that are all idle.</summary>
    public static async Task<AgentPool> MakeWarmPoolAsync(int size)
    {
        AgentPool pool = MakePool(size);
        AgentLease[] leases = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => pool.RentAsync(pool.DefaultSpec, CancellationToken.None).AsTask()));
        foreach (AgentLease lease in leases)
            lease.Return();
        return pool;
    }

    public IAgentConnection Create(AgentSpec spec, AgentHost host) => new Connection(Interlocked.Increment(ref _count));

    private sealed class Connection(int number) : IAgentConnection
    {
        private readonly TaskCompletionSource _closed = new();
        private readonly Session _session = new();

        public int? ProcessId => number;

        public Task Closed => _closed.Task;

        public bool IsSessionReady => true;

        public Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken) => new(_session);

        public Task<bool> SettleAsync() => Settled;

        public Task StopAsync(bool force)
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        }

        public long? ReadMemoryBytes() => null;
    }

    private sealed class Session : IAgentSession
    {
        public string Id => "session";

        public string? Agent => null;

        public string? Model => null;

        public bool ModelVerified => false;

        public ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken) =>
            new(new TurnResult { Outcome = PromptOutcome.Completed, StopReason = "end_turn", Text = "An answer." });

        public Task<bool> SettleAsync() => Settled;

        public void Close()
        {
        }
    }
}
