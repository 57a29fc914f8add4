using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class StatisticsTests
{
    private static readonly PoolOptions NoMinimum = new() { MinSize = 0 };

    [Fact]
    public async Task The_counters_of_a_new_pool_are_zero()
    {
        await using var bench = new PoolBench(NoMinimum);

        PoolStatistics now = bench.Statistics;

        Assert.Equal((0L, 0L, 0L, 0L), (now.ProcessesCreated, now.CacheHits, now.CacheMisses, now.Completed));
        Assert.Equal(0, now.HitRate);
        Assert.Null(now.WaitP50);
        Assert.Null(now.TurnP99);
        Assert.Empty(now.Processes);
    }

    [Fact]
    public async Task A_prompt_that_waited_for_a_start_is_a_miss()
    {
        await using var bench = new PoolBench(NoMinimum);

        await RunColdAsync(bench);

        Assert.Equal((0L, 1L, 0L), (bench.Statistics.CacheHits, bench.Statistics.CacheMisses, bench.Statistics.ProcessesReused));
    }

    [Fact]
    public async Task A_prompt_on_an_agent_that_was_used_before_is_a_hit_and_a_reuse()
    {
        await using var bench = new PoolBench(NoMinimum);
        await RunColdAsync(bench);

        (PromptResult result, _) = await bench.Run().InTime();

        Assert.True(result.Reused);
        Assert.Equal((1L, 1L, 1L, 50.0), (bench.Statistics.CacheHits, bench.Statistics.CacheMisses, bench.Statistics.ProcessesReused, bench.Statistics.HitRate));
    }

    [Fact]
    public async Task A_prompt_on_an_unused_warm_agent_is_a_hit_and_not_a_reuse()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 1 });
        await bench.Pool.WarmAsync().InTime();
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        (PromptResult result, _) = await bench.Run().InTime();

        Assert.False(result.Reused);
        Assert.Equal((1L, 0L, 0L), (bench.Statistics.CacheHits, bench.Statistics.CacheMisses, bench.Statistics.ProcessesReused));
    }

    [Fact]
    public async Task A_prompt_that_waited_for_another_one_is_a_hit()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        AgentLease held = await bench.RentAsync();
        held.CountUse();
        long before = bench.Statistics.CacheHits;
        Task<(PromptResult Result, AgentException?)> waiting = bench.Run();
        bench.Clock.Advance(TimeSpan.FromSeconds(3));

        held.Return();
        (PromptResult result, _) = await waiting.InTime();

        Assert.Equal(before + 1, bench.Statistics.CacheHits);
        Assert.Equal(TimeSpan.FromSeconds(3), result.QueuedFor);
    }

    [Fact]
    public async Task Every_outcome_is_counted_once()
    {
        await using var bench = new PoolBench(NoMinimum);
        await bench.Run().InTime();
        FakeConnection agent = bench.Connector.All[0];
        agent.ScriptNextTurn(FakeTurn.Fails);
        await bench.Run().InTime();
        agent.ScriptNextTurn(FakeTurn.DiesInTurn);
        await bench.Run().InTime();
        await bench.Run(cancellationToken: new CancellationToken(canceled: true)).InTime();
        bench.Connector.Turns.Close();
        Task late = bench.Run(timeout: TimeSpan.FromSeconds(1));
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await late.InTime();

        PoolStatistics now = bench.Statistics;

        Assert.Equal((1L, 1L, 1L, 1L, 1L), (now.Completed, now.Failed, now.Indeterminate, now.Cancelled, now.TimedOut));
    }

    [Fact]
    public async Task The_statistics_have_one_entry_per_process_with_its_state()
    {
        await using var bench = new PoolBench(NoMinimum with { MaxStarting = 5 });
        FakeConnection[] agents = await bench.MakeIdleAsync(3);
        agents[0].Die();
        await bench.QuietAsync();
        AgentLease lease = await bench.Ask();
        bench.Connector.Starts.Close();
        _ = bench.Ask("b");
        await bench.QuietAsync();

        PoolStatistics now = bench.Statistics;

        Assert.Equal(["Active", "Idle", "Starting"], now.Processes.Select(p => p.State).Order());
        Assert.Equal((1, 1, 1, 1), (now.IdleCount, now.ActiveCount, now.StartingCount, now.WaitingCount));
        PoolProcess active = now.Processes.Single(p => p.State == "Active");
        Assert.Equal((lease.Connection.ProcessId, "a", "/work"), (active.ProcessId, active.Agent, active.WorkingDirectory));
        Assert.Equal(lease.Connection.ReadMemoryBytes(), active.MemoryBytes);
        Assert.Equal("1 idle, 1 active, 1 starting, 1 waiting; 0 hits, 0 misses (0 %)", now.ToString());
    }

    [Fact]
    public async Task Turns_and_waits_are_measured_by_the_clock()
    {
        await using var bench = new PoolBench(NoMinimum);
        for (int seconds = 1; seconds <= 4; seconds++)
        {
            bench.Connector.Turns.Close();
            Task run = bench.Run();
            await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
            bench.Clock.Advance(TimeSpan.FromSeconds(seconds));
            bench.Connector.Turns.Open();
            await run.InTime();
        }

        Assert.Equal(TimeSpan.FromSeconds(2), bench.Statistics.TurnP50);
        Assert.Equal(TimeSpan.FromSeconds(4), bench.Statistics.TurnP95);
        Assert.Equal(TimeSpan.Zero, bench.Statistics.WaitP99);
    }

    [Fact]
    public async Task Agents_that_did_not_become_ready_count_as_created()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.AgentStartFailed, FailureKind.AgentStartFailed);

        await bench.RentAsync();

        Assert.Equal(3, bench.Statistics.ProcessesCreated);
    }

    /// <summary>On the fake clock a start without duration would look as if it had happened before.</summary>
    private static async Task RunColdAsync(PoolBench bench)
    {
        bench.Connector.Starts.Close();
        Task run = bench.Run();
        await bench.QuietAsync();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1200));
        bench.Connector.Starts.Open();
        await run.InTime();
    }
}
