using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Room on some hosts of a pool and none on others, on a fake clock.</summary>
public sealed class HostRoomTests
{
    private static readonly PoolOptions Options = new() { MinSize = 0, MaxSize = 1, MaxStarting = 1, Hosts = new HostList(new AgentHost { Name = "a" }, new AgentHost { Name = "b" }) };

    [Fact]
    public async Task A_waiter_for_a_full_host_keeps_nobody_from_a_start_on_another()
    {
        await using var bench = new PoolBench(Options);
        AgentLease onA = await RentOnAsync(bench, "a");
        Task<AgentLease> tied = AskOn(bench, "a", "tied");

        AgentLease free = await bench.RentAsync();

        Assert.Equal("b", free.Agent.Host.Host.Name);
        Assert.False(tied.IsCompleted);
        onA.Return();
        Assert.Equal("a", (await tied.InTime()).Agent.Host.Host.Name);
    }

    [Fact]
    public async Task A_slot_that_is_freed_on_one_host_is_no_start_of_another()
    {
        await using var bench = new PoolBench(Options);
        AgentLease onA = await RentOnAsync(bench, "a");
        bench.Connector.Stops.Close();
        onA.Return();

        // The agent on a is evicted, and its end takes long.
        Task<AgentLease> tied = AskOn(bench, "a", "tied");
        await Eventually.HoldsAsync(() => bench.Connector.Stops.HeldCount == 1);

        Assert.Equal("b", (await AskOn(bench, "b", "other").InTime()).Agent.Host.Host.Name);
        Assert.False(tied.IsCompleted);
    }

    [Fact]
    public async Task An_idle_agent_of_another_host_is_not_reserved_for_a_waiter_that_was_passed_over()
    {
        await using var bench = new PoolBench(Options);
        AgentLease onA = await RentOnAsync(bench, "a");
        AgentLease onB = await bench.RentAsync();
        Task<AgentLease> tied = AskOn(bench, "a", "tied");

        for (int i = 0; i < 10; i++)
        {
            Task<AgentLease> next = bench.Ask();
            onB.Return();
            onB = await next.InTime();
        }

        Assert.False(tied.IsCompleted);
        onA.Return();
        await tied.InTime();
    }

    [Fact]
    public async Task Sessions_that_hold_every_slot_are_reported_although_another_host_refuses_the_connection()
    {
        await using var bench = new PoolBench(Options);
        bench.Connector.BreakHost("b", FailureKind.HostRefused);
        await HoldAsync(bench, "review");

        AgentException refused = await Assert.ThrowsAsync<AgentException>(() => bench.Ask("other").InTime());

        Assert.Equal(FailureKind.PoolHeldBySessions, refused.Kind);
        Assert.StartsWith("All 1 slots of 'a', the only hosts that can be used, are held by sessions", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'review'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiter_for_a_host_that_sessions_hold_is_refused_although_another_has_room()
    {
        await using var bench = new PoolBench(Options);
        await HoldAsync(bench, "review");
        string held = bench.Statistics.Processes.Single().HostName;

        Assert.Equal(FailureKind.PoolHeldBySessions, (await Assert.ThrowsAsync<AgentException>(() => AskOn(bench, held, "other").InTime())).Kind);
        await bench.RentAsync("other");
    }

    [Fact]
    public async Task A_waiter_does_not_wait_for_ever_if_sessions_hold_one_host_and_the_other_cannot_be_reached()
    {
        await using var bench = new PoolBench(Options);
        bench.Connector.BreakHost("b", FailureKind.HostUnreachable);
        await HoldAsync(bench, "review");
        Task<AgentLease> waiter = bench.Ask("other");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.False(waiter.IsCompleted);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(40));

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => waiter.InTime());
        Assert.Equal(FailureKind.HostUnreachable, failure.Kind);
        Assert.StartsWith("All slots of 'a' are held by sessions that cannot be resumed in another process ('review'), and no other host could be reached for 60 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permanent_failure_on_the_only_other_host_is_reported_at_once()
    {
        await using var bench = new PoolBench(Options);
        await HoldAsync(bench, "review");
        bench.Connector.BreakStarts(PoolBench.Key("other"), FailureKind.ModelNotFound);

        Assert.Equal(FailureKind.ModelNotFound, (await Assert.ThrowsAsync<AgentException>(() => bench.Ask("other").InTime())).Kind);

        Assert.Equal(2, bench.Connector.StartCount);
    }

    /// <summary>A session that cannot be resumed takes the slot of a host.</summary>
    private static async Task HoldAsync(PoolBench bench, string name)
    {
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        await bench.Pool.Sessions.Create(name).SayAsync("1");
    }

    private static Task<AgentLease> RentOnAsync(PoolBench bench, string host) => AskOn(bench, host, "a").InTime();

    private static Task<AgentLease> AskOn(PoolBench bench, string host, string key) => bench.Pool.RentAsync(PoolBench.Key(key).With(hostName: host), TestContext.Current.CancellationToken).AsTask();
}
