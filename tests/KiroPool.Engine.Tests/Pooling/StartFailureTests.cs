using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Which waiters fail with a start depends on whether the next start can succeed.</summary>
public sealed class StartFailureTests
{
    [Theory]
    [InlineData(FailureKind.ExecutableNotFound)]
    [InlineData(FailureKind.ExecutableNotRunnable)]
    [InlineData(FailureKind.WorkingDirectoryNotFound)]
    [InlineData(FailureKind.SignInRequired)]
    [InlineData(FailureKind.AgentNotFound)]
    [InlineData(FailureKind.ModelNotFound)]
    [InlineData(FailureKind.QuotaExceeded)]
    public async Task A_permanent_start_failure_fails_every_waiter_of_the_key(FailureKind kind)
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxStarting = 1 });
        bench.Connector.Starts.Close();
        bench.Connector.BreakStarts(PoolBench.Key("a"), kind);
        Task<AgentLease>[] waiters = [bench.Ask(), bench.Ask(), bench.Ask()];
        Task<AgentLease> other = bench.Ask("b");

        bench.Connector.Starts.Open();

        foreach (Task<AgentLease> waiter in waiters)
            Assert.Equal(kind, (await Assert.ThrowsAsync<AgentException>(waiter.InTime)).Kind);
        Assert.Equal("b", PoolBench.AgentOf(await other.InTime()).Spec.Agent);
        Assert.Equal(1, bench.Connector.All.Count(c => c.Spec.Agent == "a"));
    }

    [Fact]
    public async Task A_timed_out_start_fails_one_waiter_and_the_next_gets_a_start()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxStarting = 1 });
        bench.Connector.Starts.Close();
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.AgentStartTimedOut);
        Task<AgentLease> first = bench.Ask();
        Task<AgentLease> second = bench.Ask();

        bench.Connector.Starts.Open();

        Assert.Equal(FailureKind.AgentStartTimedOut, (await Assert.ThrowsAsync<AgentException>(first.InTime)).Kind);
        await second.InTime();
    }

    [Fact]
    public async Task A_failed_start_frees_its_slot()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.ModelNotFound);
        await Assert.ThrowsAsync<AgentException>(() => bench.RentAsync("a"));

        AgentLease lease = await bench.RentAsync("b");

        Assert.Equal("b", PoolBench.AgentOf(lease).Spec.Agent);
    }

    [Fact]
    public async Task A_failed_start_is_stopped_before_the_next_start_uses_its_slot()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        bench.Connector.Stops.Close();
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.AgentStartFailed);

        Task<AgentLease> waiter = bench.Ask();
        await Eventually.HoldsAsync(() => bench.Connector.Stops.HeldCount == 1);
        Assert.Equal(1, bench.Connector.StartCount);
        bench.Connector.Stops.Open();

        Assert.Equal(2, PoolBench.AgentOf(await waiter.InTime()).Number);
    }

    [Fact]
    public async Task A_prompt_gets_the_reason_why_its_agent_did_not_start()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0 });
        bench.Connector.BreakStarts(PoolBench.Key("a"), FailureKind.ExecutableNotFound, "'/bin/agent' does not exist.");

        (PromptResult result, AgentException? failure) = await bench.Run().InTime();

        Assert.Equal(("Failed", FailureKind.ExecutableNotFound), (result.Outcome, failure!.Kind));
        Assert.Null(result.ProcessId);
        Assert.Equal((0L, 1L), (bench.Statistics.ProcessesCreated, bench.Statistics.Failed));
    }
}
