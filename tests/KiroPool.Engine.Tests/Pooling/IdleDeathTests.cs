using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>An agent that dies while idle is never leased.</summary>
public sealed class IdleDeathTests
{
    private static readonly PoolOptions NoMinimum = new() { MinSize = 0 };

    [Fact]
    public async Task A_dead_idle_agent_is_removed_at_once()
    {
        await using var bench = new PoolBench(NoMinimum);
        FakeConnection agent = (await bench.MakeIdleAsync(1))[0];

        agent.Die();

        Assert.Equal(0, bench.Statistics.IdleCount);
        await Eventually.HoldsAsync(() => agent.HasStopped);
    }

    [Fact]
    public async Task The_next_prompt_does_not_get_a_dead_agent()
    {
        await using var bench = new PoolBench(NoMinimum);
        FakeConnection agent = (await bench.MakeIdleAsync(1))[0];

        agent.Die();
        (PromptResult result, _) = await bench.Run().InTime();

        Assert.Equal("Completed", result.Outcome);
        Assert.NotEqual(agent.ProcessId, result.ProcessId);
    }

    [Fact]
    public async Task An_agent_is_not_leased_before_its_death_is_noticed()
    {
        await using var bench = new PoolBench(NoMinimum);
        FakeConnection[] idle = await bench.MakeIdleAsync(2);

        idle[1].DieUnnoticed();
        AgentLease lease = await bench.RentAsync();

        Assert.Same(idle[0], PoolBench.AgentOf(lease));
        await Eventually.HoldsAsync(() => idle[1].HasStopped);
    }

    [Fact]
    public async Task When_all_idle_agents_have_died_a_new_one_starts()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2 });
        FakeConnection[] idle = await bench.MakeIdleAsync(2);
        idle[0].DieUnnoticed();
        idle[1].DieUnnoticed();

        AgentLease lease = await bench.RentAsync();

        Assert.Equal(3, PoolBench.AgentOf(lease).Number);
    }

    [Fact]
    public async Task An_agent_that_dies_during_a_lease_is_replaced_for_the_waiters()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();
        Task<AgentLease> waiter = bench.Ask();

        PoolBench.AgentOf(held).Die();
        Assert.False(waiter.IsCompleted);
        held.Return();

        Assert.NotSame(PoolBench.AgentOf(held), PoolBench.AgentOf(await waiter.InTime()));
    }

    [Fact]
    public async Task An_agent_that_dies_during_a_lease_frees_its_slot_on_return()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();

        PoolBench.AgentOf(held).Die();

        Assert.Equal(1, bench.Statistics.ActiveCount);
        held.Return();
        await Eventually.HoldsAsync(() => bench.Statistics.Processes.Count == 0);
    }
}
