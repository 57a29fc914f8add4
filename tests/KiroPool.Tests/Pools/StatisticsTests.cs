using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

public sealed class StatisticsTests
{
    [Fact]
    public void Ten_prompts_one_at_a_time_take_one_process_and_make_nine_hits()
    {
        using var agent = new SimulatedAgent(new { startMs = 1200, turnMs = 50 });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent -MinSize 0 | Out-Null; 1..10 | Invoke-KiroPrompt -ThrottleLimit 1").WithoutError();

        PoolStatistics statistics = module.Statistics();
        Assert.Equal((1, 9, 1, 9, 90.0), (statistics.ProcessesCreated, statistics.CacheHits, statistics.CacheMisses, statistics.ProcessesReused, statistics.HitRate));
        Assert.Equal((10, 0, 1, 0), (statistics.Completed, statistics.Failed, statistics.IdleCount, statistics.ActiveCount));
        Assert.Equal(10, Assert.Single(statistics.Processes).UseCount);
        Assert.Equal(1, agent.Count("start"));
        Assert.Single(ran.Results.Select(r => r.ProcessId).Distinct());
        Assert.Equal([false, .. Enumerable.Repeat(true, 9)], ran.Results.Select(r => r.Reused));

        // The first prompt waited for the start. The hits show that no other did.
        Assert.InRange(ran.Results[0].QueuedFor, TimeSpan.FromSeconds(1.2), Eventually.Limit);
        Assert.InRange(statistics.TurnP50!.Value, TimeSpan.FromMilliseconds(50), ran.Results.Max(r => r.Duration));
        Assert.Equal(ran.Results.Max(r => r.QueuedFor), statistics.WaitP99);
    }

    [Fact]
    public void The_counters_of_a_new_pool_are_zero()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError();

        PoolStatistics statistics = module.Statistics();

        Assert.Equal((0, 0, 0, 0.0), (statistics.ProcessesCreated, statistics.CacheHits, statistics.CacheMisses, statistics.HitRate));
        Assert.Null(statistics.WaitP50);
        Assert.Null(statistics.TurnP99);
        Assert.Empty(statistics.Processes);
    }

    [Fact]
    public void Statistics_show_the_present_state()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(2);
        other.Set("Pool", pool);
        using RunningScript prompts = module.Begin("'[[hang]] 1', '[[hang]] 2', 'waits' | Invoke-KiroPrompt -ThrottleLimit 3");
        Eventually.Holds(() => agent.Count("prompt") == 2 && pool.Pool.GetStatistics().WaitingCount == 1);

        PoolStatistics statistics = other.Run("Get-KiroPoolStats -Pool $Pool").WithoutError().Value<PoolStatistics>();

        Assert.Equal((0, 2, 1), (statistics.IdleCount, statistics.ActiveCount, statistics.WaitingCount));
        Assert.All(statistics.Processes, p => Assert.Equal(("Active", 1), (p.State, p.UseCount)));
        prompts.Stop();
    }
}
