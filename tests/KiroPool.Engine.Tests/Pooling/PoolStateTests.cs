using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;
using KiroPool.Engine.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

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
        PoolState state = Make(new PoolOptions { MinSize = 0 });
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
    public void A_conversation_shares_no_process_that_holds_one_at_most()
    {
        PoolState state = Make(new PoolOptions { MinSize = 0, MaxSize = 2, SessionsPerProcess = 4 });
        PooledAgent home = Settle(state, new Resident("one"), mostConversations: 1);

        var second = new Waiter(home.Spec, new Resident("two"), queuedAt: 0);
        Assert.Null(state.TryRent(home.Spec, second.Resident, out _));
        state.Enqueue(second);

        Assert.NotSame(home, Assert.IsType<Decision.Start>(Assert.Single(state.TakeDecisions())).Agent);
        Assert.Single(home.Residents);
    }

    [Fact]
    public void A_conversation_that_leaves_a_shared_process_makes_room_for_a_waiting_one()
    {
        PoolState state = Make(new PoolOptions { MinSize = 0, MaxSize = 1, SessionsPerProcess = 2 });
        PooledAgent home = Settle(state, new Resident("one"), mostConversations: 2);
        var second = new Resident("two");
        Assert.Same(home, state.TryRent(home.Spec, second, out _));
        var third = new Waiter(home.Spec, new Resident("three"), queuedAt: 0);
        Assert.Null(state.TryRent(home.Spec, third.Resident, out _));
        state.Enqueue(third);
        Assert.Empty(state.TakeDecisions());

        state.MoveOut(home, second);

        Assert.Equal(new Decision.Serve(third, home, WasWarm: true, IsTurn: true), Assert.Single(state.TakeDecisions()));
    }

    [Fact]
    public void A_step_of_the_wall_clock_neither_ends_nor_keeps_an_idle_agent()
    {
        var clock = new SteppingClock();
        PoolState state = Make(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromMinutes(5), MaxAge = TimeSpan.FromHours(6) }, clock);
        PooledAgent agent = Warm(state);

        clock.Step(TimeSpan.FromHours(7));
        state.Sweep([]);
        Assert.Equal(PooledAgentState.Idle, agent.State);

        clock.Step(TimeSpan.FromHours(-9));
        clock.Advance(TimeSpan.FromMinutes(6));
        state.Sweep([]);
        Assert.Equal(PooledAgentState.Stopping, agent.State);
    }

    private static PoolState Make(PoolOptions options, TimeProvider? clock = null) => new(options, PoolBench.Key("a"), clock ?? new FakeTimeProvider(), new Random(1));

    private static PooledAgent Warm(PoolState state, IAgentVitals? vitals = null)
    {
        var waiter = new Waiter(state.DefaultSpec, resident: null, queuedAt: 0);
        state.Enqueue(waiter);
        PooledAgent agent = Assert.IsType<Decision.Start>(Assert.Single(state.TakeDecisions())).Agent;
        agent.Vitals = vitals;
        state.Started(agent);
        state.Return(agent, resident: null, reusable: true);
        state.TakeDecisions();
        return agent;
    }

    private static PooledAgent Settle(PoolState state, IResident resident, int mostConversations)
    {
        PooledAgent agent = Warm(state, new Vitals(mostConversations));
        Assert.Same(agent, state.TryRent(agent.Spec, resident, out _));
        state.MoveIn(agent, resident);
        state.TakeDecisions();
        return agent;
    }

    private sealed record Vitals(int MostConversations) : IAgentVitals
    {
        public bool IsClosed => false;

        public bool IsSessionReady => true;
    }

    private sealed record Resident(string Name) : IResident
    {
        public Task<bool> SettleAsync() => Task.FromResult(true);
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
}
