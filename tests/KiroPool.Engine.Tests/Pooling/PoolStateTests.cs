using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>The pool's decisions, played without processes, connections and tasks.</summary>
public sealed class PoolStateTests
{
    private const int Steps = 2_000;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("KIROPOOL_TESTS") == "full";

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, IsFull ? 100 : 5)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_hundred_random_runs_of_2000_steps_break_no_rule_and_lose_no_waiter(int block)
    {
        var ended = new HashSet<EndReason>();
        int served = 0;
        int refused = 0;
        for (int seed = 100 * block; seed < 100 * (block + 1); seed++)
        {
            var run = new StateRun(seed);
            for (int step = 0; step < Steps; step++)
                run.Step();
            run.Finish();
            (served, refused) = (served + run.Served, refused + run.Refused);
            ended.UnionWith(run.Ended.Keys);
        }

        Assert.True(served > 10_000 && refused > 100, $"the runs hardly used the pool: {served} served, {refused} refused");
        EndReason[] played = [EndReason.Died, EndReason.Evicted, EndReason.Idle, EndReason.Memory, EndReason.NotSettled, EndReason.StartFailed, EndReason.Suspended, EndReason.Uses];
        Assert.Equal(played, played.Where(ended.Contains));
    }

    [Fact]
    public void An_event_only_decides_and_the_decision_is_taken_once()
    {
        PoolState state = new StateBench(new PoolOptions { MinSize = 0 }).State;
        var waiter = new Waiter(PoolBench.Key("a"), resident: null, queuedAt: 0);

        Assert.Null(state.TryRent(waiter.Spec, null, out _));
        state.Enqueue(waiter);

        PooledAgent agent = Assert.IsType<Decision.Start>(Assert.Single(state.TakeDecisions())).Agent;
        Assert.Equal(PooledAgentState.Starting, agent.State);
        Assert.Empty(state.TakeDecisions());

        state.Started(agent);

        Assert.Equal(new Decision.Serve(waiter, agent, WasWarm: false, IsTurn: false), Assert.Single(state.TakeDecisions()));
    }

    [Fact]
    public void A_step_of_the_wall_clock_neither_ends_nor_keeps_an_idle_agent()
    {
        var clock = new SteppingClock();
        var bench = new StateBench(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromMinutes(5), MaxAge = TimeSpan.FromHours(6) }, clock);
        PooledAgent agent = bench.Warm();

        clock.Step(TimeSpan.FromHours(7));
        bench.State.Sweep([]);
        Assert.Equal(PooledAgentState.Idle, agent.State);

        clock.Step(TimeSpan.FromHours(-9));
        clock.Advance(TimeSpan.FromMinutes(6));
        bench.State.Sweep([]);
        Assert.Equal(PooledAgentState.Stopping, agent.State);
    }

    /// <summary>A clock whose wall time can be set, as by a user or a time server, while time goes on.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _elapsed = 1;
        private TimeSpan _step;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _elapsed;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(_elapsed) + _step;

        public void Advance(TimeSpan time) => _elapsed += time.Ticks;

        public void Step(TimeSpan step) => _step += step;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_busy_pool_allocates_little_for_a_waiter_behind_a_thousand(int sessionsPerProcess)
    {
        var bench = new StateBench(new PoolOptions { MinSize = 0, MaxSize = 2, MaxStarting = 2, SessionsPerProcess = sessionsPerProcess });
        PooledAgent agent = bench.Warm();
        Assert.Same(agent, bench.Rent());
        bench.Warm("b");
        Assert.NotNull(bench.Rent("b"));
        Waiter[] waiters = [.. Enumerable.Range(0, 1_100).Select(_ => new Waiter(agent.Spec, resident: null, queuedAt: 0))];
        foreach (Waiter early in waiters[..1_000])
            bench.State.Enqueue(early);

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Waiter late in waiters.AsSpan(1_000))
            bench.State.Enqueue(late);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        Assert.Empty(bench.State.TakeDecisions());
        Assert.True(each < 500, $"Each waiter took {each} bytes.");
    }
}
