using System.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

public sealed class StartBreakerTests
{
    private static readonly PoolOptions NoMinimum = new() { MinSize = 0 };

    [Fact]
    public async Task Two_failed_starts_are_repeated_silently()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.AgentStartFailed, FailureKind.AgentStartFailed);

        AgentLease lease = await bench.RentAsync();

        Assert.Equal(3, PoolBench.AgentOf(lease).Number);
    }

    [Fact]
    public async Task The_breaker_opens_after_three_failures_in_a_row()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.BreakStarts(PoolBench.Key("a"));

        AgentException failure = await FailsAsync(bench);

        Assert.Equal(FailureKind.AgentStartFailed, failure.Kind);
        Assert.Equal(3, bench.Connector.StartCount);
    }

    [Fact]
    public async Task An_open_breaker_gives_the_reason_at_once_and_starts_no_agent()
    {
        await using PoolBench bench = await MakeOpenAsync("Its stderr ends with: no such module");

        Task<AgentLease> waiter = bench.Ask();

        Assert.True(waiter.IsFaulted, "refused before anything else can happen");
        AgentException failure = await FailsAsync(waiter);
        Assert.Equal(FailureKind.AgentKeepsFailing, failure.Kind);
        Assert.Contains("3 times in a row", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the next try is in 1 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such module", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, bench.Connector.StartCount);
    }

    [Fact]
    public async Task All_waiters_get_the_reason_when_the_breaker_opens()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.Starts.Close();
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        Task<AgentLease>[] waiters = [bench.Ask(), bench.Ask(), bench.Ask(), bench.Ask()];

        bench.Connector.Starts.Open();

        foreach (Task<AgentLease> waiter in waiters)
            await FailsAsync(waiter);
        Assert.Equal(0, bench.Statistics.WaitingCount);
    }

    [Fact]
    public async Task After_the_delay_one_waiter_gets_a_start_and_the_others_the_reason()
    {
        await using PoolBench bench = await MakeOpenAsync();
        bench.Connector.Starts.Close();
        bench.Connector.MendStarts(PoolBench.Key("a"));
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Task<AgentLease> first = bench.Ask();
        Task<AgentLease> second = bench.Ask();
        await bench.QuietAsync();

        Assert.Equal((false, true), (first.IsCompleted, second.IsFaulted));
        Assert.Equal(4, bench.Connector.StartCount);
        bench.Connector.Starts.Open();
        await first.InTime();
    }

    [Fact]
    public async Task The_delay_doubles_with_each_further_failure_up_to_its_maximum()
    {
        await using var bench = new PoolBench(NoMinimum with { SweepInterval = TimeSpan.FromDays(1), BreakerMaxDelay = TimeSpan.FromSeconds(5) });
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        await FailsAsync(bench);

        foreach (int seconds in (int[])[1, 2, 4, 5, 5])
        {
            int before = bench.Connector.StartCount;
            bench.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            await FailsAsync(bench);
            Assert.Equal(before, bench.Connector.StartCount);

            bench.Clock.Advance(TimeSpan.FromTicks(1));
            await FailsAsync(bench);
            Assert.Equal(before + 1, bench.Connector.StartCount);
        }
    }

    [Fact]
    public async Task A_good_start_closes_the_breaker_and_resets_the_count()
    {
        await using PoolBench bench = await MakeOpenAsync();
        bench.Connector.MendStarts(PoolBench.Key("a"));
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        AgentLease lease = await bench.RentAsync();
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.AgentStartFailed, FailureKind.AgentStartFailed);

        AgentLease second = await bench.RentAsync();

        Assert.NotSame(PoolBench.AgentOf(lease), PoolBench.AgentOf(second));
    }

    [Fact]
    public async Task A_living_agent_serves_while_the_breaker_is_open()
    {
        await using var bench = new PoolBench(NoMinimum);
        AgentLease alive = await bench.RentAsync();
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        Task<AgentLease> waiter = bench.Ask();
        await Eventually.HoldsAsync(() => bench.Connector.StartCount == 4);
        await bench.QuietAsync();
        Assert.False(waiter.IsCompleted, "three starts have failed, and one agent still lives");

        alive.Return();

        Assert.Same(PoolBench.AgentOf(alive), PoolBench.AgentOf(await waiter.InTime()));
    }

    [Fact]
    public async Task The_waiters_get_the_reason_when_the_last_living_agent_dies()
    {
        await using var bench = new PoolBench(NoMinimum);
        AgentLease alive = await bench.RentAsync();
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        Task<AgentLease> waiter = bench.Ask();
        await Eventually.HoldsAsync(() => bench.Connector.StartCount == 4);
        await bench.QuietAsync();

        PoolBench.AgentOf(alive).Die();
        alive.Return();

        Assert.Equal(FailureKind.AgentKeepsFailing, (await FailsAsync(waiter)).Kind);
    }

    [Fact]
    public async Task Another_key_is_not_affected()
    {
        await using PoolBench bench = await MakeOpenAsync();

        AgentLease lease = await bench.RentAsync("b");

        Assert.Equal("b", PoolBench.AgentOf(lease).Spec.Agent);
    }

    [Fact]
    public async Task A_minimum_that_cannot_start_is_retried_with_a_delay_and_recovers()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 2 });
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        await Assert.ThrowsAsync<AgentException>(() => bench.Pool.WarmAsync().InTime());
        await bench.QuietAsync();

        await bench.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.InRange(bench.Connector.StartCount, 5, 20);
        bench.Connector.MendStarts(PoolBench.Key("a"));
        await bench.AdvanceAsync(TimeSpan.FromSeconds(91));

        Assert.Equal(2, bench.Statistics.IdleCount);
    }

    /// <summary>An agent is reserved for a waiter that was passed over too often. This helps only if the waiter's agent may start.</summary>
    [Fact]
    public async Task No_agent_is_reserved_for_a_waiter_with_an_open_breaker()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2 });
        AgentLease alive = await bench.RentAsync("a");
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        Task<AgentLease> braked = bench.Ask("a");
        await Eventually.HoldsAsync(() => bench.Connector.StartCount == 4);
        await bench.QuietAsync();

        AgentLease other = await bench.RentAsync("b");
        for (int i = 0; i < 10; i++)
        {
            Task<AgentLease> next = bench.Ask("b");
            other.Return();
            Assert.True(next.IsCompletedSuccessfully, $"an agent is idle, and no other waiter can use it (round {i})");
            other = await next;
        }

        alive.Return();
        await braked.InTime();
    }

    private static async Task<PoolBench> MakeOpenAsync(string message = "It ended with exit code 1.")
    {
        var bench = new PoolBench(NoMinimum);
        bench.Connector.BreakStarts(PoolBench.Key("a"), FailureKind.AgentStartFailed, message);
        await FailsAsync(bench);
        await bench.QuietAsync();
        Debug.Assert(bench.Connector.StartCount == 3, "it opens after three");
        return bench;
    }

    private static async Task<AgentException> FailsAsync(PoolBench bench)
    {
        AgentException failure = await FailsAsync(bench.Ask());
        await bench.QuietAsync();
        return failure;
    }

    private static Task<AgentException> FailsAsync(Task<AgentLease> waiter) => Assert.ThrowsAsync<AgentException>(waiter.InTime);
}
