using System.Diagnostics;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>Ctrl+C, Select-Object -First and similar stops: the work ends, the agents stay.</summary>
[Collection<Alone>]
public sealed class StopTests
{
    // Half of the cancel grace of ten seconds, for which a faulty stop could wait.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public void Ctrl_C_cancels_the_turns_without_an_error()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.StartWarm(2);
        using RunningScript running = module.Begin("1..10 | ForEach-Object { \"[[hang]] $_\" } | Invoke-KiroPrompt -ThrottleLimit 4");
        Eventually.Holds(() => agent.Count("prompt") == 2 && pool.Pool.GetStatistics().WaitingCount == 2);

        var watch = Stopwatch.StartNew();
        Ran ran = running.Stop();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopLimit);
        Assert.Equal(4, pool.Pool.GetStatistics().Cancelled);
        Assert.Empty(ran.Errors);
        Assert.Empty(ran.Output);
        Eventually.Holds(() => module.Statistics() is { ActiveCount: 0, IdleCount: 2, WaitingCount: 0 });
        Assert.Equal(2, agent.Count("cancel"));
        Assert.Equal(2, agent.Count("turn-end"));

        // Four were read from the pipeline: two ran, two waited for an agent.
        Assert.Equal((0, 0, 4), (module.Statistics().Completed, module.Statistics().Failed, module.Statistics().Cancelled));
    }

    [Fact]
    public void After_Ctrl_C_the_same_agents_serve_the_next_prompts()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);
        using RunningScript running = module.Begin("Invoke-KiroPrompt '[[hang]]'");
        Eventually.Holds(() => agent.Count("prompt") == 1);
        running.Stop();

        PromptResult next = module.Run("Invoke-KiroPrompt 'history'").WithoutError().Result;

        Assert.Equal("No earlier prompts.", next.Text);
        Assert.True(next.Reused);
        Assert.Equal(1, agent.Count("start"));
    }

    [Fact]
    public void Ctrl_C_during_a_start_leaves_no_process()
    {
        using var agent = new SimulatedAgent(new { startMs = 60_000 });
        using var module = new ModuleRunspace(agent);
        using RunningScript running = module.Begin("Start-KiroPool @Agent");
        Eventually.Holds(() => agent.LiveProcesses > 0);

        var watch = Stopwatch.StartNew();
        Ran ran = running.Stop();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopLimit);
        Assert.Empty(ran.Errors);
        Eventually.Holds(() => agent.LiveProcesses == 0);
        Assert.StartsWith("PoolNotStarted,", module.Run("Get-KiroPoolStats").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_while_prompts_wait_for_the_first_start_ends_at_once()
    {
        using var agent = new SimulatedAgent(new { startMs = 60_000 });
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("Start-KiroPool @Agent -MinSize 0 -MaxSize 2").WithoutError().Value<PoolInfo>();
        using RunningScript running = module.Begin("1..5 | Invoke-KiroPrompt");
        Eventually.Holds(() => agent.LiveProcesses > 0 && pool.Pool.GetStatistics().WaitingCount == 2);

        var watch = Stopwatch.StartNew();
        Ran ran = running.Stop();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopLimit);
        Assert.Empty(ran.Errors);
        Assert.Equal(2, module.Statistics().Cancelled);
    }

    [Fact]
    public void Ctrl_C_ends_the_wait_of_a_draining_stop()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        PoolInfo pool = module.StartWarm(1);
        using RunningScript prompt = module.Begin("Invoke-KiroPrompt '[[hang]]'");
        Eventually.Holds(() => agent.Count("prompt") == 1);
        using RunningScript stop = other.Set("Pool", pool).Begin("Stop-KiroPool -Pool $Pool");
        Eventually.Holds(() => pool.State == "Stopped");

        var watch = Stopwatch.StartNew();
        stop.Stop();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopLimit);
        other.Run("Stop-KiroPool -Pool $Pool -Force").WithoutError();
        Assert.StartsWith("PoolStopped,", prompt.End().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1..20 | ForEach-Object { \"[[sleep 10]] $_\" } | Invoke-KiroPrompt | Select-Object -First 1")]
    [InlineData("foreach ($once in 1) { 'fast', '[[hang]]', '[[hang]]' | Invoke-KiroPrompt -ThrottleLimit 3 | ForEach-Object { $_; break } }")]
    [InlineData("try { 'fast', '[[hang]]' | Invoke-KiroPrompt | ForEach-Object { $_; throw 'enough' } } catch { }")]
    public void Select_Object_First_stops_the_other_prompts(string script)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        var watch = Stopwatch.StartNew();
        Ran ran = module.Run(script).WithoutError();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopLimit);
        Assert.Single(ran.Results);
        Eventually.Holds(() => module.Statistics() is { ActiveCount: 0, IdleCount: 2, WaitingCount: 0 });
        Assert.Equal(agent.Count("prompt"), agent.Count("turn-end"));
        Assert.Equal("You said: next", module.Run("Invoke-KiroPrompt 'next'").WithoutError().Result.Text);
        Assert.Equal(2, agent.Count("start"));
    }

    [Fact]
    public void Fifty_stops_leak_nothing()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("1..50 | ForEach-Object { 'a', '[[sleep 5]]', '[[hang]]' | Invoke-KiroPrompt -ThrottleLimit 3 | Select-Object -First 1 }").WithoutError();

        Assert.Equal(50, ran.Results.Count);
        Eventually.Holds(() => module.Statistics() is { ActiveCount: 0, IdleCount: 2, WaitingCount: 0 });
        Assert.Equal(2, agent.LiveProcesses);
        Assert.Equal(2, agent.Count("start"));
        PoolStatistics statistics = module.Statistics();
        Assert.Equal((0, 0, 0), (statistics.Failed, statistics.TimedOut, statistics.Indeterminate));
    }
}
