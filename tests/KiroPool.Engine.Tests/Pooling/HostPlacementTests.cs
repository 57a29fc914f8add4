using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Where agents are started and which of them serve, when a pool has several hosts, on a fake clock.</summary>
public sealed class HostPlacementTests
{
    private static readonly PoolOptions Options = new() { MinSize = 0, MaxSize = 2, MaxStarting = 2, Hosts = Hosts("a", "b", "c") };

    [Fact]
    public async Task Every_host_gets_a_process_before_one_gets_its_second()
    {
        await using var bench = new PoolBench(Options);
        AgentLease[] leases = await bench.RentManyAsync(6);

        Assert.Equal(["a", "a", "b", "b", "c", "c"], leases.Select(HostOf).Order());
        Assert.Equal(3, bench.Connector.All.Take(3).Select(agent => agent.Host.Name).Distinct().Count());
    }

    [Fact]
    public async Task A_larger_host_gets_a_larger_share()
    {
        var hosts = new HostList(new AgentHost { Name = "small", MaxSize = 2 }, new AgentHost { Name = "large", MaxSize = 6 });
        await using var bench = new PoolBench(Options with { Hosts = hosts, MaxStarting = 8 });
        AgentLease[] leases = await bench.RentManyAsync(4);

        Assert.Equal(["large", "large", "large", "small"], leases.Select(HostOf).Order());
    }

    [Fact]
    public async Task The_idle_agent_on_the_least_loaded_host_is_leased_first()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        AgentLease[] leases = await bench.RentManyAsync(4);
        AgentLease[] onA = [.. leases.Where(lease => HostOf(lease) == "a")];
        AgentLease[] onB = [.. leases.Where(lease => HostOf(lease) == "b")];

        // One idle agent each; b runs one prompt, a none. The one on b was used last.
        onA[0].Return();
        onA[1].Return();
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        onB[0].Return();

        Assert.Equal("a", HostOf(await bench.RentAsync()));
    }

    [Fact]
    public async Task A_failed_start_on_one_host_goes_to_another_and_no_waiter_fails()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        bench.Connector.BreakHost("a", FailureKind.WorkingDirectoryNotFound);

        Assert.Equal("b", HostOf(await bench.RentAsync()));
        Assert.Equal("b", HostOf(await bench.RentAsync()));
    }

    [Fact]
    public async Task A_program_that_is_missing_on_every_host_fails_the_waiters()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        bench.Connector.BreakHost("a", FailureKind.ExecutableNotFound);
        bench.Connector.BreakHost("b", FailureKind.ExecutableNotFound);

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => bench.RentAsync());

        Assert.Equal(FailureKind.ExecutableNotFound, failure.Kind);
    }

    [Fact]
    public async Task A_host_that_refuses_the_key_is_tried_once_and_reported_once()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        List<string> warnings = [];
        bench.Pool.Log.Subscribe(e =>
        {
            if (e.Level == Engine.Diagnostics.PoolEventLevel.Warning)
                warnings.Add(e.Message);
        });
        bench.Connector.BreakHost("a", FailureKind.HostRefused);

        AgentLease[] leases = await bench.RentManyAsync(2);
        await bench.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.All(leases, lease => Assert.Equal("b", HostOf(lease)));
        Assert.Equal(1, bench.Connector.All.Count(agent => agent.Host.Name == "a"));
        Assert.Single(warnings);
    }

    [Fact]
    public async Task Waiters_fail_at_once_when_every_host_refuses_the_connection()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a") });
        bench.Connector.BreakHost("a", FailureKind.HostRefused);

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => bench.RentAsync());

        Assert.Equal(FailureKind.HostRefused, failure.Kind);
    }

    [Fact]
    public async Task Waiters_wait_while_no_host_can_be_reached_and_are_served_when_one_is_back()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);
        bench.Connector.BreakHost("b", FailureKind.HostUnreachable);
        Task<AgentLease> waiter = bench.Ask();
        await bench.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.False(waiter.IsCompleted);

        bench.Connector.MendHost("b");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("b", HostOf(await waiter.InTime()));
    }

    [Fact]
    public async Task Waiters_fail_after_four_times_HostLostSec_without_a_host()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);
        Task<AgentLease> waiter = bench.Ask();
        await bench.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.False(waiter.IsCompleted);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(20));

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => waiter.InTime());
        Assert.Equal(FailureKind.HostUnreachable, failure.Kind);
        Assert.Contains("60 s (4 times -HostLostSec)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_with_a_time_limit_waits_for_a_host_until_then()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: TimeSpan.FromSeconds(200));
        await bench.AdvanceAsync(TimeSpan.FromSeconds(199));
        Assert.False(run.IsCompleted);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal("TimedOut", (await run.InTime()).Result.Outcome);
    }

    [Fact]
    public async Task An_unreachable_host_is_tried_by_one_start_at_a_time_with_a_growing_delay()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);
        Task<AgentLease>[] waiters = [bench.Ask(), bench.Ask()];
        await bench.AdvanceAsync(TimeSpan.FromSeconds(50));

        // After 0, 1, 3, 7, 15, 30 and 45 s. The first two start together, before the host is known to be down.
        Assert.InRange(bench.Connector.StartCount, 6, 9);
        foreach (Task<AgentLease> waiter in waiters)
            Assert.False(waiter.IsCompleted);
    }

    [Fact]
    public async Task Warming_up_does_not_wait_for_a_host_that_cannot_be_reached()
    {
        await using var bench = new PoolBench(Options with { MinSize = 1, Hosts = Hosts("a") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => bench.Pool.WarmAsync(TestContext.Current.CancellationToken).InTime());

        Assert.Equal(FailureKind.HostUnreachable, failure.Kind);
    }

    [Fact]
    public async Task A_prompt_that_waits_for_an_agent_survives_failing_starts()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0 });
        bench.Connector.BreakStarts(PoolBench.Key("a"));
        bench.Connector.Starts.Close();
        Task<PromptResult> patient = bench.Pool.PromptAsync(new PromptRequest { Prompt = "hello", Spec = PoolBench.Key("a"), WaitForAgent = true }, TestContext.Current.CancellationToken);
        Task<AgentLease> other = bench.Ask();
        bench.Connector.Starts.Open();
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => other.InTime());
        await bench.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.False(patient.IsCompleted);

        bench.Connector.MendStarts(PoolBench.Key("a"));
        await bench.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal("Completed", (await patient.InTime()).Outcome);
        Assert.Equal(FailureKind.AgentStartFailed, failure.Kind);
    }

    [Fact]
    public async Task A_prompt_that_waits_for_an_agent_fails_when_no_wait_can_help()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0 });
        bench.Connector.BreakStarts(PoolBench.Key("a"), FailureKind.ModelNotFound);

        PromptFailedException failure = await Assert.ThrowsAsync<PromptFailedException>(() =>
            bench.Pool.PromptAsync(new PromptRequest { Prompt = "hello", Spec = PoolBench.Key("a"), WaitForAgent = true }, TestContext.Current.CancellationToken).InTime());

        Assert.Equal(FailureKind.ModelNotFound, failure.Kind);
    }

    [Fact]
    public async Task Every_host_keeps_its_minimum()
    {
        await using var bench = new PoolBench(Options with { MinSize = 1 });
        await bench.Pool.WarmAsync(TestContext.Current.CancellationToken).InTime();

        await Eventually.HoldsAsync(() => bench.Statistics.IdleCount == 3);
        await bench.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.Equal(["a", "b", "c"], bench.Statistics.Processes.Select(process => process.HostName).Order());
    }

    [Fact]
    public async Task Statistics_count_the_prompts_of_each_host()
    {
        await using var bench = new PoolBench(Options with { Hosts = Hosts("a", "b") });
        bench.Connector.BreakHost("a", FailureKind.HostUnreachable);
        PromptResult result = (await bench.Run().InTime()).Result;

        PoolHostStatistics[] hosts = [.. bench.Statistics.Hosts];
        Assert.Equal("b", result.HostName);
        Assert.Equal([("a", "Braked", 0L), ("b", "Up", 1L)], hosts.Select(host => (host.HostName, host.State, host.Completed)));
        Assert.NotNull(hosts[0].LastFailure);
        Assert.Null(hosts[1].LastFailure);
    }

    [Fact]
    public void A_host_that_comes_twice_is_refused() =>
        Assert.Contains("'A' is given 2 times", Assert.Throws<ArgumentException>(() => Hosts("A", "a")).Message, StringComparison.Ordinal);

    private static HostList Hosts(params string[] names) => new(names.Select(name => new AgentHost { Name = name }));

    private static string HostOf(AgentLease lease) => lease.Agent.Host.Host.Name;
}
