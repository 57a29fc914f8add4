using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class StopTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1 };

    [Fact]
    public async Task A_drain_lets_queued_and_running_prompts_end()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException?)>[] runs = [bench.Run("first"), bench.Run("second"), bench.Run("third")];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);
        Assert.False(stop.IsCompleted);
        bench.Connector.Turns.Open();
        await stop.InTime();

        Assert.All(await Task.WhenAll(runs).InTime(), run => Assert.Equal("Completed", run.Result.Outcome));
        Assert.Equal(["first", "second", "third"], bench.Connector.PromptsSeen);
        Assert.Equal(0, bench.Connector.Alive);
    }

    [Fact]
    public async Task A_drain_starts_agents_for_queued_prompts()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Starts.Close();
        Task<(PromptResult Result, AgentException?)> run = bench.Run();
        await bench.QuietAsync();

        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);
        bench.Connector.Starts.Open();

        Assert.Equal("Completed", (await run.InTime()).Result.Outcome);
        await stop.InTime();
    }

    [Fact]
    public async Task During_a_drain_an_unsent_prompt_gets_another_agent()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.FailNextSession(FailureKind.AgentStartFailed, dies: true);
        };
        bench.Connector.Starts.Close();
        Task<(PromptResult Result, AgentException?)> run = bench.Run();
        await bench.QuietAsync();

        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);
        bench.Connector.Starts.Open();

        (PromptResult result, _) = await run.InTime();
        Assert.Equal(("Completed", 1002), (result.Outcome, result.ProcessId));
        await stop.InTime();
    }

    [Theory]
    [InlineData(PoolStopMode.Drain)]
    [InlineData(PoolStopMode.Cancel)]
    [InlineData(PoolStopMode.Kill)]
    public async Task A_stopping_pool_refuses_new_prompts(PoolStopMode mode)
    {
        await using var bench = new PoolBench(One);
        AgentLease held = await bench.RentAsync();
        Task stop = bench.Pool.StopAsync(mode);

        (PromptResult result, AgentException? failure) = await bench.Run().InTime();

        Assert.Equal(("Failed", FailureKind.PoolStopped), (result.Outcome, failure!.Kind));
        held.Return();
        await stop.InTime();
        Assert.True(bench.Pool.IsStopped);
    }

    [Fact]
    public async Task A_drain_of_an_idle_pool_ends_its_agents_politely()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(2);

        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.All(idle, a => Assert.Equal((true, false), (a.HasStopped, a.WasForced)));
    }

    [Fact]
    public async Task A_drain_does_not_fill_up_the_minimum()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 2, MaxSize = 2 });
        AgentLease held = await bench.RentAsync();
        await bench.QuietAsync();
        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);

        foreach (FakeConnection agent in bench.Connector.All)
            agent.Die();
        await bench.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(2, bench.Connector.StartCount);
        held.Return();
        await stop.InTime();
    }

    [Fact]
    public async Task A_cancel_ends_running_prompts_and_fails_queued_ones()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> running = bench.Run("running");
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task<(PromptResult Result, AgentException? Failure)> queued = bench.Run("queued");

        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        (PromptResult ran, AgentException? why) = await running.InTime();
        Assert.Equal(("Cancelled", FailureKind.PoolStopped), (ran.Outcome, why!.Kind));
        (PromptResult never, why) = await queued.InTime();
        Assert.Equal(("Failed", FailureKind.PoolStopped), (never.Outcome, why!.Kind));
        Assert.Equal(["running"], bench.Connector.PromptsSeen);
        Assert.False(bench.Connector.All[0].WasForced);
    }

    [Fact]
    public async Task A_cancel_ends_agents_that_are_still_starting()
    {
        await using var bench = new PoolBench();
        bench.Connector.Starts.Close();
        Task<AgentLease> waiter = bench.Ask();
        await bench.QuietAsync();

        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.Equal(FailureKind.PoolStopped, (await Assert.ThrowsAsync<AgentException>(() => waiter)).Kind);
        Assert.Equal(0, bench.Connector.Alive);
    }

    [Fact]
    public async Task A_kill_gives_no_grace()
    {
        await using var bench = new PoolBench();
        await bench.MakeIdleAsync(1);
        AgentLease[] leases = await bench.RentManyAsync(2);

        await bench.Pool.StopAsync(PoolStopMode.Kill).InTime();

        Assert.All(leases, l => Assert.True(PoolBench.AgentOf(l).WasForced));
    }

    [Fact]
    public async Task A_stop_completes_only_when_every_agent_is_gone()
    {
        await using var bench = new PoolBench();
        await bench.MakeIdleAsync(2);
        bench.Connector.Stops.Close();

        Task stop = bench.Pool.StopAsync(PoolStopMode.Cancel);
        await bench.QuietAsync();
        bench.Connector.Stops.ReleaseFirst();
        await bench.QuietAsync();
        Assert.False(stop.IsCompleted);
        bench.Connector.Stops.Open();

        await stop.InTime();
        Assert.Equal(0, bench.Connector.Alive);
    }

    [Fact]
    public async Task A_second_stop_hurries_the_first()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException?)> run = bench.Run();
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task drain = bench.Pool.StopAsync(PoolStopMode.Drain);
        Assert.False(drain.IsCompleted);

        Task kill = bench.Pool.StopAsync(PoolStopMode.Kill);

        await Task.WhenAll(drain, kill).InTime();
        Assert.Equal("Cancelled", (await run.InTime()).Result.Outcome);
        Assert.True(bench.Connector.All[0].WasForced);
    }

    [Fact]
    public async Task A_second_stop_ends_no_agent_twice()
    {
        await using var bench = new PoolBench();
        await bench.MakeIdleAsync(1);

        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();
        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.Equal(1, bench.Connector.StartCount);
        Assert.Equal(0, bench.Connector.Alive);
    }

    [Fact]
    public async Task A_lease_returned_after_the_stop_does_no_harm()
    {
        await using var bench = new PoolBench();
        AgentLease lease = await bench.RentAsync();
        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        lease.Return();

        Assert.Empty(bench.Statistics.Processes);
    }
}
