using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

public sealed class OutputTests
{
    [Fact]
    public void Results_come_as_they_complete()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("'slow [[sleep 3000]]', 'fast' | Invoke-KiroPrompt").WithoutError();

        Assert.Equal([1, 0], ran.Results.Select(r => r.Index));
    }

    [Fact]
    public void Ordered_results_come_in_the_order_of_the_input()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("'slow [[sleep 3000]]', 'fast', 'faster' | Invoke-KiroPrompt -Ordered").WithoutError();

        Assert.Equal([0, 1, 2], ran.Results.Select(r => r.Index));
        Assert.True(ran.Results[1].Duration < ran.Results[0].Duration);
    }

    [Fact]
    public void Order_holds_for_many_prompts_with_failures_among_them()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("1..100 | ForEach-Object { if ($_ % 10) { \"p$_ [[sleep $($_ % 3)]]\" } else { \"p$_ [[error no]]\" } } | Invoke-KiroPrompt -Ordered");

        int[] indexes = [.. ran.Results.Select(r => r.Index)];
        Assert.Equal(90, indexes.Length);
        Assert.Equal(indexes.Order(), indexes);
        int[] failed = [.. ran.Errors.Select(e => ((PromptFailedException)e.Exception).Result.Index)];
        Assert.Equal([9, 19, 29, 39, 49, 59, 69, 79, 89, 99], failed);
    }

    [Fact]
    public void A_result_is_written_while_later_prompts_still_run()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        using RunningScript running = module.Begin("'fast', '[[hang]]' | Invoke-KiroPrompt");

        Eventually.Holds(() => running.SoFar.Texts.Contains("You said: fast"));
        Assert.Equal(System.Management.Automation.PSInvocationState.Running, running.State);
        running.Stop();
    }

    [Theory]
    [InlineData("-ThrottleLimit 2", 2)]
    [InlineData("-ThrottleLimit 1", 1)]
    [InlineData("", 3)]
    public void The_throttle_or_else_the_pool_limits_concurrent_prompts(string throttle, int expected)
    {
        using var agent = new SimulatedAgent(new { turnMs = 60 });
        using var module = new ModuleRunspace(agent);
        module.StartWarm(3);

        // With pending turns the number is a minimum, with ending turns a maximum.
        using RunningScript staying = module.Begin($"1..12 | ForEach-Object {{ '[[hang]]' }} | Invoke-KiroPrompt {throttle}");
        Eventually.Holds(() => agent.Count("prompt") == expected);
        staying.Stop();
        Eventually.Holds(() => module.Statistics().IdleCount == 3);
        module.Run($"1..12 | Invoke-KiroPrompt {throttle}").WithoutError();

        Assert.Equal(expected, agent.MostTurnsAtOnce());
    }

    [Fact]
    public void A_throttle_above_the_pools_size_queues_in_the_pool()
    {
        using var agent = new SimulatedAgent(new { turnMs = 20 });
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.StartWarm(2);
        using RunningScript staying = module.Begin("1..20 | ForEach-Object { '[[hang]]' } | Invoke-KiroPrompt -ThrottleLimit 10");
        Eventually.Holds(() => agent.Count("prompt") == 2 && pool.Pool.GetStatistics().WaitingCount == 8);
        staying.Stop();
        Eventually.Holds(() => module.Statistics().IdleCount == 2);

        Ran ran = module.Run("1..20 | Invoke-KiroPrompt -ThrottleLimit 10").WithoutError();

        Assert.Equal(20, ran.Results.Count);
        Assert.Equal(2, agent.MostTurnsAtOnce());
        Assert.Equal(2, agent.Count("start"));
    }

    [Fact]
    public void Input_is_read_no_faster_than_prompts_run()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        using RunningScript running = module.Begin("$taken = @{ Count = 0 }; 1..1000 | ForEach-Object { $taken.Count++; \"[[hang]] $_\" } | Invoke-KiroPrompt -ThrottleLimit 1");
        Eventually.Holds(() => agent.Count("prompt") == 1);
        running.Stop();

        int taken = (int)module.Run("$taken.Count").Output.Single()!.BaseObject;
        Assert.InRange(taken, 1, 2);
    }
}
