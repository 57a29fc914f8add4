using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Waiters and starts are independent, and an abandoned waiter affects no start.</summary>
public sealed class WaitingTests
{
    [Fact]
    public async Task A_returned_agent_serves_a_waiter_before_its_start_completes()
    {
        await using var bench = new PoolBench();
        AgentLease first = await bench.RentAsync();
        bench.Connector.Starts.Close();
        Task<AgentLease> waiter = bench.Ask();
        await bench.QuietAsync();

        first.Return();

        Assert.True(waiter.IsCompletedSuccessfully);
        Assert.Same(PoolBench.AgentOf(first), PoolBench.AgentOf(await waiter));
    }

    [Fact]
    public async Task A_start_without_a_waiter_becomes_an_idle_agent()
    {
        await using var bench = new PoolBench();
        AgentLease first = await bench.RentAsync();
        bench.Connector.Starts.Close();
        Task<AgentLease> waiter = bench.Ask();
        first.Return();
        await waiter;

        bench.Connector.Starts.Open();
        await bench.QuietAsync();

        Assert.Equal((1, 1), (bench.Statistics.ActiveCount, bench.Statistics.IdleCount));
        Assert.True(bench.Ask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_start_serves_the_oldest_waiter()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxStarting = 1 });
        bench.Connector.Starts.Close();
        Task<AgentLease> first = bench.Ask();
        Task<AgentLease> second = bench.Ask();
        await bench.QuietAsync();

        bench.Connector.Starts.ReleaseFirst();

        await first.InTime();
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task The_pool_starts_one_agent_per_waiter()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 5, MaxStarting = 5 });
        bench.Connector.Starts.Close();

        _ = bench.Ask();
        _ = bench.Ask();
        _ = bench.Ask();
        await bench.QuietAsync();

        Assert.Equal(3, bench.Connector.Starts.HeldCount);
    }

    [Fact]
    public async Task An_abandoned_waiter_is_skipped()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();
        using var cancel = new CancellationTokenSource();
        Task<AgentLease> quitter = bench.Ask("a", cancel.Token);
        Task<AgentLease> next = bench.Ask();

        await cancel.CancelAsync();
        held.Return();

        Assert.True(quitter.IsCanceled);
        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(0, bench.Statistics.WaitingCount);
    }

    [Fact]
    public async Task A_start_outlives_the_waiter_that_caused_it()
    {
        await using var bench = new PoolBench();
        bench.Connector.Starts.Close();
        using var cancel = new CancellationTokenSource();
        Task<AgentLease> quitter = bench.Ask("a", cancel.Token);
        await bench.QuietAsync();

        await cancel.CancelAsync();
        bench.Connector.Starts.Open();
        await bench.QuietAsync();

        Assert.True(quitter.IsCanceled);
        Assert.Equal(1, bench.Statistics.IdleCount);
    }

    [Fact]
    public async Task A_request_with_a_cancelled_token_does_not_wait()
    {
        await using var bench = new PoolBench();

        Task<AgentLease> waiter = bench.Ask("a", new CancellationToken(canceled: true));

        Assert.True(waiter.IsCanceled);
        Assert.Equal((0, 0), (bench.Statistics.WaitingCount, bench.Connector.StartCount));
    }

    /// <summary>Either the waiter or the pool has the agent. A race that loses it would empty the pool in a few rounds.</summary>
    [Fact]
    public async Task A_waiter_cancelled_at_the_moment_it_is_served_loses_no_agent()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        (await bench.RentAsync()).Return();
        int served = 0;
        for (int round = 0; round < 2000; round++)
        {
            AgentLease held = await bench.Ask();
            using var cancel = new CancellationTokenSource();
            Task<AgentLease> waiter = bench.Ask("a", cancel.Token);
            using var together = new Barrier(2);

            Task returning = Task.Run(() =>
            {
                together.SignalAndWait();
                held.Return();
            });
            together.SignalAndWait();
            cancel.Cancel();
            await returning;

            if (await Task.WhenAny(waiter) is { IsCompletedSuccessfully: true } won)
            {
                served++;
                (await won).Return();
            }

            Assert.Equal((1, 0, 0), (bench.Statistics.IdleCount, bench.Statistics.ActiveCount, bench.Statistics.WaitingCount));
        }

        Assert.Equal(1, bench.Connector.StartCount);
        TestContext.Current.TestOutputHelper?.WriteLine($"served in {served} of 2,000 races");
    }
}
