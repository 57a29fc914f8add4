using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;
using KiroPool.Engine.Tests.Fakes;
using static KiroPool.Engine.Tests.Fakes.StateBench;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>Several conversations on one process (SessionsPerProcess), played without processes.</summary>
public sealed class SharedProcessTests
{
    private static readonly Resident One = new("one");
    private static readonly Resident Two = new("two");
    private readonly StateBench _bench = new(new PoolOptions { MinSize = 0, MaxSize = 2, MaxStarting = 2, SessionsPerProcess = 2, MaxAge = TimeSpan.FromHours(1), Jitter = 0 });

    private PoolState State => _bench.State;

    [Fact]
    public void A_conversation_joins_the_process_of_another_one_of_its_key_while_there_is_room()
    {
        PooledAgent home = _bench.Settle(One);

        Assert.Same(home, State.TryRent(home.Spec, Two, out bool isTurn));

        Assert.True(isTurn);
        Assert.Null(_bench.Rent(resident: new Resident("three")));
        Assert.Null(_bench.Rent("b", Two));
    }

    [Fact]
    public void A_conversation_does_not_join_the_process_of_a_stand_alone_prompt()
    {
        PooledAgent agent = _bench.Warm();
        Assert.Same(agent, _bench.Rent());

        Assert.Null(_bench.Rent(resident: One));
        Assert.Empty(agent.Residents);
    }

    [Fact]
    public void A_conversation_shares_no_process_that_holds_one_at_most()
    {
        PooledAgent home = _bench.Settle(One, new Vitals { MostConversations = 1 });

        Assert.Null(_bench.Rent(resident: Two));
        Assert.Single(home.Residents);
    }

    [Fact]
    public void A_conversation_joins_no_dead_process()
    {
        var vitals = new Vitals();
        _bench.Settle(One, vitals);
        vitals.IsClosed = true;

        Assert.Null(_bench.Rent(resident: Two));
    }

    [Fact]
    public void A_conversation_joins_no_process_that_has_reached_a_limit()
    {
        _bench.Settle(One);
        _bench.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(_bench.Rent(resident: Two));
    }

    [Fact]
    public void A_conversation_that_leaves_a_shared_process_makes_room_for_a_waiting_one()
    {
        var bench = new StateBench(new PoolOptions { MinSize = 0, MaxSize = 1, SessionsPerProcess = 2 });
        PooledAgent home = bench.Settle(One);
        Assert.Same(home, bench.Rent(resident: Two));
        var third = new Waiter(home.Spec, new Resident("three"), queuedAt: 0);
        bench.State.Enqueue(third);
        Assert.Empty(bench.State.TakeDecisions());

        bench.State.MoveOut(home, Two);

        Assert.Equal(new Decision.Serve(third, home, WasWarm: true, IsTurn: true), Assert.Single(bench.State.TakeDecisions()));
    }

    [Fact]
    public void A_process_is_free_when_its_last_conversation_has_left_and_its_last_turn_has_ended()
    {
        PooledAgent home = _bench.Settle(One, new Vitals { CanLoadSessions = true });
        _bench.Rent(resident: Two);

        State.MoveOut(home, One);
        State.Return(home, One, reusable: true);
        Assert.Equal(PooledAgentState.Leased, home.State);
        State.Return(home, Two, reusable: true);
        Assert.Equal(PooledAgentState.Held, home.State);
        Assert.True(home.Vitals!.HoldsConversations);

        State.MoveOut(home, Two);
        Assert.Equal(PooledAgentState.Idle, home.State);
        Assert.False(home.Vitals.HoldsConversations);
        Assert.Empty(State.TakeDecisions());
    }

    [Fact]
    public void A_conversation_that_has_left_begins_no_turn()
    {
        PooledAgent home = _bench.Settle(One);
        State.Return(home, One, reusable: true);
        Assert.True(State.TryBeginTurn(home, One));
        State.Return(home, One, reusable: true);

        Assert.False(State.TryBeginTurn(home, Two));
        Assert.Equal(PooledAgentState.Held, home.State);
    }

    [Fact]
    public void A_turn_that_finds_its_process_dead_ends_it_and_does_not_begin()
    {
        var vitals = new Vitals();
        PooledAgent home = _bench.Settle(One, vitals);
        State.Return(home, One, reusable: true);
        vitals.IsClosed = true;

        Assert.False(State.TryBeginTurn(home, One));

        Assert.Equal(new Decision.End(home, EndReason.Died), Assert.Single(State.TakeDecisions()));
    }
}
