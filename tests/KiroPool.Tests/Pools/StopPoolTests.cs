using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

public sealed class StopPoolTests
{
    [Fact]
    public void A_stop_ends_every_process()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.StartWarm(3);

        Ran ran = module.Run("Stop-KiroPool").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Equal("Stopped", pool.State);
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void A_stop_lets_running_and_queued_prompts_finish()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(1);
        other.Set("Pool", pool);
        using RunningScript prompts = module.Begin("'[[sleep 1500]] 1', '2' | Invoke-KiroPrompt -ThrottleLimit 2");
        Eventually.Holds(() => pool.Pool.GetStatistics() is { ActiveCount: 1, WaitingCount: 1 });

        other.Run("Stop-KiroPool -Pool $Pool").WithoutError();

        Assert.Equal(2, prompts.End().WithoutError().Results.Count);
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void A_forced_stop_cancels_them()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(1);
        other.Set("Pool", pool);
        using RunningScript prompts = module.Begin("'[[hang]]', 'queued' | Invoke-KiroPrompt -ThrottleLimit 2");
        Eventually.Holds(() => agent.Count("prompt") == 1 && pool.Pool.GetStatistics().WaitingCount == 1);

        PoolStatistics last = other.Run("Stop-KiroPool -Pool $Pool -Force -PassThru").WithoutError().Value<PoolStatistics>();

        Ran ran = prompts.End();
        Assert.Empty(ran.Results);
        Assert.Equal(2, ran.Errors.Count);
        Assert.All(ran.Errors, e => Assert.StartsWith("PoolStopped,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(["[[hang]]"], agent.Prompts);
        Assert.Equal((0, 0, 0), (last.IdleCount, last.ActiveCount, last.WaitingCount));
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void WhatIf_shows_what_would_stop_and_stops_nothing()
    {
        var host = new ScriptedHost();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent, host);
        PoolInfo pool = module.StartWarm(1);

        Ran ran = module.Run("Stop-KiroPool -WhatIf -PassThru").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Contains("What if", host.Screen, StringComparison.Ordinal);
        Assert.Contains("kiro-cli-simulator", host.Screen, StringComparison.Ordinal);
        Assert.Equal("Running", pool.State);
        Assert.Equal(1, agent.LiveProcesses);
    }

    [Fact]
    public void PassThru_gives_the_final_statistics()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolStatistics statistics = module.Run("Start-KiroPool @Agent | Out-Null; 1..3 | Invoke-KiroPrompt -ThrottleLimit 1 | Out-Null; Stop-KiroPool -PassThru").WithoutError().Value<PoolStatistics>();

        Assert.Equal(3, statistics.Completed);
        Assert.Empty(statistics.Processes);
    }

    [Fact]
    public void Pools_are_stopped_from_the_pipeline()
    {
        using var one = new SimulatedAgent();
        using var two = new SimulatedAgent();
        using var first = new ModuleRunspace(one);
        using var second = new ModuleRunspace(two);
        PoolInfo[] pools = [first.StartWarm(1), second.StartWarm(1)];

        using var third = new ModuleRunspace();
        third.Pipe(pools, "Stop-KiroPool").WithoutError();

        Assert.All(pools, pool => Assert.Equal("Stopped", pool.State));
        Assert.Equal(0, one.LiveProcesses + two.LiveProcesses);
    }

    [Fact]
    public void Stopping_a_stopped_or_missing_pool_is_not_an_error()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Stop-KiroPool; $pool = Start-KiroPool @Agent; Stop-KiroPool; Stop-KiroPool; $pool | Stop-KiroPool; Stop-KiroPool -Pool $pool -Force").WithoutError();

        Assert.Empty(ran.Output);
        Assert.Empty(ran.Warnings);
    }
}
