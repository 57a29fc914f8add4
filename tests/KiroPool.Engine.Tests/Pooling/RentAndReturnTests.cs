using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class RentAndReturnTests
{
    [Fact]
    public async Task A_first_request_starts_an_agent_and_gets_it()
    {
        await using var bench = new PoolBench();

        AgentLease lease = await bench.RentAsync();

        Assert.Equal(1, bench.Connector.StartCount);
        Assert.Equal((1, 0), (bench.Statistics.ActiveCount, bench.Statistics.IdleCount));
        Assert.Same(PoolBench.AgentOf(lease), Assert.Single(bench.Connector.All));
    }

    [Fact]
    public async Task A_returned_agent_serves_the_next_request()
    {
        await using var bench = new PoolBench();
        FakeConnection agent = (await bench.MakeIdleAsync(1))[0];

        Task<AgentLease> next = bench.Ask();

        Assert.True(next.IsCompletedSuccessfully, "an idle agent is leased at once");
        Assert.Same(agent, PoolBench.AgentOf(await next));
        Assert.Equal(1, bench.Connector.StartCount);
    }

    [Fact]
    public async Task A_lease_can_be_returned_twice_and_counts_once()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease first = await bench.RentAsync();
        first.Return();
        AgentLease second = await bench.RentAsync();

        first.Return();

        Assert.Equal((1, 0), (bench.Statistics.ActiveCount, bench.Statistics.IdleCount));
        Assert.False(bench.Ask().IsCompleted, "the agent is still the second's");
        second.Return();
    }

    [Fact]
    public async Task The_most_recently_used_agent_is_leased_first()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(3);

        AgentLease[] leases = [await bench.Ask(), await bench.Ask(), await bench.Ask()];

        Assert.Equal(idle.AsEnumerable().Reverse(), leases.Select(PoolBench.AgentOf));
    }

    [Fact]
    public async Task An_agent_with_a_ready_session_is_leased_first()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(3);
        idle[2].IsSessionReady = false;

        AgentLease lease = await bench.Ask();

        Assert.Same(idle[1], PoolBench.AgentOf(lease));
    }

    [Fact]
    public async Task Without_a_ready_session_the_most_recently_used_agent_is_leased()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(3);
        foreach (FakeConnection agent in idle)
            agent.IsSessionReady = false;

        AgentLease lease = await bench.Ask();

        Assert.Same(idle[2], PoolBench.AgentOf(lease));
    }

    [Fact]
    public async Task An_agent_of_another_key_is_never_leased()
    {
        await using var bench = new PoolBench();
        await bench.MakeIdleAsync(1, "a");

        AgentLease lease = await bench.RentAsync("b");

        Assert.Equal("b", PoolBench.AgentOf(lease).Spec.Agent);
        Assert.Equal(2, bench.Connector.StartCount);
    }

    [Fact]
    public async Task Requests_of_one_key_are_served_in_order()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();
        Task<AgentLease>[] waiters = [.. Enumerable.Range(0, 5).Select(_ => bench.Ask())];

        for (int i = 0; i < waiters.Length; i++)
        {
            held.Return();
            Assert.Equal([.. Enumerable.Range(0, 5).Select(n => n <= i)], waiters.Select(w => w.IsCompleted));
            held = await waiters[i];
        }
    }

    [Fact]
    public async Task A_later_request_does_not_overtake_the_waiters()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();
        Task<AgentLease> earlier = bench.Ask();

        held.Return();
        Task<AgentLease> later = bench.Ask();

        Assert.True(earlier.IsCompletedSuccessfully);
        Assert.False(later.IsCompleted);
    }

    [Fact]
    public async Task An_agent_is_leased_again_only_after_its_turn_has_ended()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease lease = await bench.RentAsync();
        FakeConnection agent = PoolBench.AgentOf(lease);
        agent.HoldSettling();

        lease.Return();
        Task<AgentLease> next = bench.Ask();
        Assert.False(next.IsCompleted);
        agent.FinishSettling(reusable: true);

        Assert.Same(agent, PoolBench.AgentOf(await next.InTime()));
    }

    [Fact]
    public async Task An_agent_whose_turn_does_not_end_is_replaced()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease lease = await bench.RentAsync();
        PoolBench.AgentOf(lease).Settles = false;

        lease.Return();
        AgentLease next = await bench.RentAsync();

        Assert.NotSame(PoolBench.AgentOf(lease), PoolBench.AgentOf(next));
        Assert.True(PoolBench.AgentOf(lease).HasStopped);
    }

    [Fact]
    public async Task Warming_waits_for_the_first_agent_and_leaves_it_idle()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 2 });
        bench.Connector.Starts.Close();

        Task warm = bench.Pool.WarmAsync();
        await bench.QuietAsync();
        Assert.Equal(2, bench.Connector.Starts.HeldCount);
        Assert.False(warm.IsCompleted);
        bench.Connector.Starts.ReleaseFirst();
        await warm.InTime();

        Assert.Equal((1, 1), (bench.Statistics.IdleCount, bench.Statistics.StartingCount));
        Assert.Equal(0, bench.Statistics.CacheHits + bench.Statistics.CacheMisses);
    }

    [Fact]
    public async Task Warming_reports_why_no_agent_became_warm()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1 });
        bench.Connector.BreakStarts(PoolBench.Key("a"), FailureKind.SignInRequired, "You are not logged in");

        var failure = await Assert.ThrowsAsync<AgentException>(() => bench.Pool.WarmAsync().InTime());

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
    }

    [Fact]
    public async Task A_pool_without_a_minimum_has_nothing_to_warm()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0 });

        await bench.Pool.WarmAsync().InTime();

        Assert.Equal(0, bench.Connector.StartCount);
    }
}
