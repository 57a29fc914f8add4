using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Idle agents over the minimum end after a while. The pool always restores the minimum.</summary>
public sealed class MinimumTests
{
    private static readonly PoolOptions TwoOfFour = new() { MinSize = 2, MaxSize = 4, MaxStarting = 4, IdleTimeout = TimeSpan.FromSeconds(100) };

    [Fact]
    public async Task Idle_agents_over_the_minimum_are_ended_after_the_idle_timeout()
    {
        await using var bench = new PoolBench(TwoOfFour);
        FakeConnection[] idle = await bench.MakeIdleAsync(4);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(99));
        Assert.Equal(4, bench.Statistics.IdleCount);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(31));

        Assert.Equal([true, true, false, false], idle.Select(a => a.HasStopped));
    }

    [Fact]
    public async Task The_minimum_stays_however_long_it_is_idle()
    {
        await using var bench = new PoolBench(TwoOfFour);
        await bench.MakeIdleAsync(4);

        await bench.AdvanceAsync(TimeSpan.FromMinutes(30));

        Assert.Equal((2, 4), (bench.Statistics.IdleCount, bench.Connector.StartCount));
    }

    [Fact]
    public async Task The_minimum_follows_to_another_directory_after_the_idle_timeout_of_the_old_one()
    {
        await using var bench = new PoolBench(TwoOfFour);
        FakeConnection[] old = await bench.MakeIdleAsync(2);

        bench.Pool.MoveStandby("/elsewhere");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(99));
        Assert.Equal([false, false], old.Select(a => a.HasStopped));
        await bench.AdvanceAsync(TimeSpan.FromSeconds(31));

        Assert.Equal([true, true], old.Select(a => a.HasStopped));
        Assert.Equal(["/elsewhere", "/elsewhere"], bench.Statistics.Processes.Select(process => process.WorkingDirectory));
    }

    [Fact]
    public async Task Agents_of_another_model_count_towards_the_minimum_wherever_the_standby_is()
    {
        await using var bench = new PoolBench(TwoOfFour);
        FakeConnection[] others = await bench.MakeIdleAsync(2, "b");

        await bench.AdvanceAsync(TimeSpan.FromSeconds(200));

        Assert.Equal([false, false], others.Select(a => a.HasStopped));
    }

    [Fact]
    public async Task Leased_agents_count_towards_the_minimum()
    {
        await using var bench = new PoolBench(TwoOfFour);
        AgentLease[] leases = await bench.RentManyAsync(4);
        leases[0].Return();
        leases[1].Return();

        await bench.AdvanceAsync(TimeSpan.FromSeconds(131));

        Assert.Equal((0, 2), (bench.Statistics.IdleCount, bench.Statistics.ActiveCount));
    }

    [Fact]
    public async Task Without_an_idle_timeout_no_agent_is_ended()
    {
        await using var bench = new PoolBench(TwoOfFour with { IdleTimeout = TimeSpan.Zero });
        await bench.MakeIdleAsync(4);

        await bench.AdvanceAsync(TimeSpan.FromMinutes(30));

        Assert.Equal(4, bench.Statistics.IdleCount);
    }

    [Fact]
    public async Task A_use_restarts_the_idle_time()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromSeconds(100) });
        FakeConnection agent = (await bench.MakeIdleAsync(1))[0];
        for (int i = 0; i < 5; i++)
        {
            await bench.AdvanceAsync(TimeSpan.FromSeconds(90));
            (await bench.Ask()).Return();
        }

        Assert.False(agent.HasStopped);
    }

    [Fact]
    public async Task The_idle_time_of_a_new_agent_starts_when_it_is_warm()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromSeconds(40) });
        bench.Connector.Starts.Close();
        using var cancel = new CancellationTokenSource();
        _ = bench.Ask("a", cancel.Token);
        await cancel.CancelAsync();
        await bench.AdvanceAsync(TimeSpan.FromSeconds(50));
        bench.Connector.Starts.Open();
        await bench.QuietAsync();

        await bench.AdvanceAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(1, bench.Statistics.IdleCount);
    }

    [Fact]
    public async Task Dead_agents_of_the_minimum_are_replaced_at_once()
    {
        await using var bench = new PoolBench(TwoOfFour);
        await bench.Pool.WarmAsync().InTime();
        await bench.QuietAsync();

        foreach (FakeConnection agent in bench.Connector.All)
            agent.Die();
        await Eventually.HoldsAsync(() => bench.Statistics.IdleCount == 2);

        Assert.Equal(4, bench.Connector.StartCount);
    }

    [Fact]
    public async Task Evicted_agents_of_the_minimum_are_replaced_when_there_is_room()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxSize = 1 });
        await bench.Pool.WarmAsync().InTime();
        AgentLease other = await bench.RentAsync("b");
        PoolBench.AgentOf(other).Settles = false;

        other.Return();
        await Eventually.HoldsAsync(() => bench.Statistics.IdleCount == 1);

        Assert.Equal("a", Assert.Single(bench.Statistics.Processes).Agent);
    }

    [Fact]
    public async Task An_agent_of_any_key_counts_towards_the_minimum()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxSize = 3 });
        await bench.MakeIdleAsync(1, "b");

        await bench.AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.Equal("b", Assert.Single(bench.Statistics.Processes).Agent);
    }

    [Fact]
    public async Task The_minimum_leaves_the_last_slot_to_a_waiter()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1, MaxSize = 1 });
        AgentLease held = await bench.RentAsync("a");
        PoolBench.AgentOf(held).Settles = false;
        Task<AgentLease> waiter = bench.Ask("b");

        held.Return();

        Assert.Equal("b", PoolBench.AgentOf(await waiter.InTime()).Spec.Agent);
        Assert.Equal(2, bench.Connector.StartCount);
    }
}
