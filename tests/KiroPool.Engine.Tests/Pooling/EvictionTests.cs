using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class EvictionTests
{
    private static readonly PoolOptions Two = new() { MinSize = 0, MaxSize = 2 };

    [Fact]
    public async Task A_full_pool_evicts_the_least_recently_used_idle_agent_of_another_key()
    {
        await using var bench = new PoolBench(Two);
        FakeConnection[] idle = await bench.MakeIdleAsync(2, "a");

        AgentLease lease = await bench.RentAsync("b");

        Assert.Equal("b", PoolBench.AgentOf(lease).Spec.Agent);
        Assert.Equal((true, false), (idle[0].HasStopped, idle[1].HasStopped));
    }

    [Fact]
    public async Task The_least_recently_used_agent_of_all_other_keys_is_evicted()
    {
        await using var bench = new PoolBench(Two);
        FakeConnection older = (await bench.MakeIdleAsync(1, "b"))[0];
        FakeConnection newer = (await bench.MakeIdleAsync(1, "a"))[0];

        await bench.RentAsync("c");

        Assert.Equal((true, false), (older.HasStopped, newer.HasStopped));
    }

    [Fact]
    public async Task A_pool_with_room_evicts_no_agent()
    {
        await using var bench = new PoolBench(Two);
        FakeConnection other = (await bench.MakeIdleAsync(1, "a"))[0];

        await bench.RentAsync("b");

        Assert.False(other.HasStopped);
    }

    [Fact]
    public async Task A_leased_agent_is_never_evicted()
    {
        await using var bench = new PoolBench(Two);
        AgentLease[] busy = await bench.RentManyAsync(2, "a");

        Task<AgentLease> waiter = bench.Ask("b");
        await bench.QuietAsync();
        Assert.False(waiter.IsCompleted);
        busy[1].Return();
        await waiter.InTime();

        Assert.Equal((false, true), (PoolBench.AgentOf(busy[0]).HasStopped, PoolBench.AgentOf(busy[1]).HasStopped));
    }

    [Fact]
    public async Task The_new_agent_starts_only_after_the_evicted_one_is_gone()
    {
        await using var bench = new PoolBench(Two);
        await bench.MakeIdleAsync(2, "a");
        bench.Connector.Stops.Close();

        Task<AgentLease> waiter = bench.Ask("b");
        await bench.QuietAsync();
        Assert.Equal((2, 1), (bench.Connector.StartCount, bench.Connector.Stops.HeldCount));
        bench.Connector.Stops.Open();

        await waiter.InTime();
        Assert.Equal(3, bench.Connector.StartCount);
    }

    [Fact]
    public async Task One_waiter_evicts_only_one_agent()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 3 });
        AgentLease[] others = await bench.RentManyAsync(3, "a");
        bench.Connector.Stops.Close();
        Task<AgentLease> waiter = bench.Ask("b");

        foreach (AgentLease lease in others)
            lease.Return();
        await bench.AdvanceAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((1, 2), (bench.Statistics.StoppingCount, bench.Statistics.IdleCount));
        bench.Connector.Stops.Open();
        await waiter.InTime();
    }

    [Fact]
    public async Task A_freed_slot_is_used_before_an_agent_is_evicted()
    {
        await using var bench = new PoolBench(Two);
        FakeConnection[] idle = await bench.MakeIdleAsync(2, "a");
        bench.Connector.Stops.Close();
        idle[1].Die();
        await bench.QuietAsync();

        Task<AgentLease> waiter = bench.Ask("b");
        Assert.Equal((1, 1), (bench.Statistics.StoppingCount, bench.Statistics.IdleCount));
        bench.Connector.Stops.Open();
        await waiter.InTime();

        Assert.False(idle[0].HasStopped);
    }

    [Fact]
    public async Task The_last_slot_moves_from_key_to_key()
    {
        await using var bench = new PoolBench(new PoolOptions { MaxSize = 1, MinSize = 1 });
        foreach (string key in (string[])["a", "b", "c", "a"])
        {
            AgentLease lease = await bench.RentAsync(key);
            Assert.Equal(key, PoolBench.AgentOf(lease).Spec.Agent);
            lease.Return();
        }

        Assert.Equal(4, bench.Connector.StartCount);
    }
}
