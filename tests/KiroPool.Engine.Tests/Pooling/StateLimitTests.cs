using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;
using KiroPool.Engine.Tests.Fakes;
using static KiroPool.Engine.Tests.Fakes.StateBench;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>The limits of agents and of starts, played without processes.</summary>
public sealed class StateLimitTests
{
    private static readonly PoolOptions Options = new() { MinSize = 0, MaxSize = 3, MaxStarting = 1, MaxUses = 2, MaxAge = TimeSpan.FromHours(1), Jitter = 0, IdleTimeout = TimeSpan.Zero };
    private readonly StateBench _bench = new(Options);

    private PoolState State => _bench.State;

    [Fact]
    public void A_replacement_does_not_start_beyond_MaxStarting()
    {
        PooledAgent old = _bench.Warm();
        State.Enqueue(new Waiter(PoolBench.Key("b"), resident: null, queuedAt: 0));
        PooledAgent starting = Started(_bench);

        _bench.Clock.Advance(TimeSpan.FromHours(1));
        State.Sweep([]);
        Assert.Empty(State.TakeDecisions());

        starting.Vitals = new Vitals();
        State.Started(starting);
        Assert.Same(old, State.TakeDecisions().OfType<Decision.Start>().Single().Agent.Replaces);
    }

    [Fact]
    public void One_agent_is_replaced_at_a_time()
    {
        var bench = new StateBench(Options with { MaxSize = 4, MaxStarting = 2 });
        bench.Warm();
        bench.Warm("b");
        bench.Clock.Advance(TimeSpan.FromHours(1));

        bench.State.Sweep([]);
        PooledAgent first = Started(bench);
        first.Vitals = new Vitals();
        bench.State.Started(first);

        // Until the old one is gone, the other one is not replaced.
        Assert.Equal(EndReason.Age, Assert.IsType<Decision.End>(Assert.Single(bench.State.TakeDecisions())).Reason);
        bench.State.Gone(first.Replaces!);
        Assert.NotNull(Started(bench).Replaces);
    }

    [Fact]
    public void An_agent_whose_replacement_is_warm_ends_when_it_is_returned()
    {
        PooledAgent old = _bench.Warm();
        Assert.Same(old, _bench.Rent());
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        State.Sweep([]);
        PooledAgent replacement = Started(_bench);
        replacement.Vitals = new Vitals();
        State.Started(replacement);
        Assert.Empty(State.TakeDecisions());

        State.Return(old, resident: null, reusable: true);

        Assert.Equal(new Decision.End(old, EndReason.Age), Assert.Single(State.TakeDecisions()));
    }

    [Fact]
    public void Only_an_agent_that_has_served_is_replaced_for_its_memory()
    {
        PooledAgent agent = _bench.Warm();
        State.Sweep([agent]);
        Assert.Empty(State.TakeDecisions());

        Assert.Same(agent, _bench.Rent());
        State.CountUse(agent);
        Assert.Same(agent, Started(_bench).Replaces);
    }

    [Fact]
    public void Limits_do_not_end_the_process_of_a_conversation_that_cannot_be_resumed()
    {
        var talk = new Resident("talk");
        PooledAgent home = _bench.Settle(talk);
        _bench.Clock.Advance(TimeSpan.FromHours(1));

        State.Return(home, talk, reusable: true);
        State.Sweep([]);

        Assert.Equal(PooledAgentState.Held, home.State);
        Assert.Empty(State.TakeDecisions());
    }

    [Fact]
    public void Limits_end_the_process_of_a_resumable_conversation_between_its_turns()
    {
        var talk = new Resident("talk");
        PooledAgent home = _bench.Settle(talk, new Vitals { CanLoadSessions = true });
        State.Return(home, talk, reusable: true);
        State.Sweep([]);
        Assert.Empty(State.TakeDecisions());

        _bench.Clock.Advance(TimeSpan.FromHours(1));
        State.Sweep([]);

        Assert.Equal(new Decision.End(home, EndReason.Age), Assert.Single(State.TakeDecisions()));
    }

    [Fact]
    public void A_process_that_must_not_serve_again_ends_when_it_is_returned()
    {
        var vitals = new Vitals();
        PooledAgent agent = _bench.Warm(vitals: vitals);
        Assert.Same(agent, _bench.Rent());
        vitals.IsSpoilt = true;

        State.Return(agent, resident: null, reusable: true);

        Assert.Equal(new Decision.End(agent, EndReason.Uses), Assert.Single(State.TakeDecisions()));
    }

    [Fact]
    public void Waiters_of_one_key_have_no_more_starts_than_MaxStarting()
    {
        for (int i = 0; i < 3; i++)
            State.Enqueue(new Waiter(PoolBench.Key("a"), resident: null, queuedAt: 0));

        PooledAgent first = Started(_bench);
        first.Vitals = new Vitals();
        State.Started(first);

        Decision[] then = State.TakeDecisions();
        Assert.Equal((1, 1), (then.OfType<Decision.Serve>().Count(), then.OfType<Decision.Start>().Count()));
    }

    [Fact]
    public void The_minimum_has_no_more_starts_than_MaxStarting()
    {
        var bench = new StateBench(new PoolOptions { MinSize = 3, MaxSize = 3, MaxStarting = 2 });

        bench.State.Refresh();

        Assert.Equal(2, bench.State.TakeDecisions().OfType<Decision.Start>().Count());
    }

    [Fact]
    public void A_host_has_no_more_starts_than_MaxStarting_although_another_one_that_is_full_may_have_some()
    {
        var bench = new StateBench(new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 1, Hosts = new(AgentHost.Local with { MaxSize = 1 }, new AgentHost { Name = "far" }) });
        for (int i = 0; i < 4; i++)
            bench.State.Enqueue(new Waiter(PoolBench.Key("a"), resident: null, queuedAt: 0));
        PooledAgent[] first = [.. bench.State.TakeDecisions().OfType<Decision.Start>().Select(start => start.Agent)];
        Assert.Equal(2, first.Select(agent => agent.Host).Distinct().Count());

        PooledAgent full = first.Single(agent => agent.Host.MaxSize == 1);
        full.Vitals = new Vitals();
        bench.State.Started(full);

        Assert.IsType<Decision.Serve>(Assert.Single(bench.State.TakeDecisions()));
    }

    [Fact]
    public void No_agent_is_evicted_for_a_start_that_MaxStarting_does_not_allow_yet()
    {
        var bench = new StateBench(new PoolOptions { MinSize = 0, MaxSize = 2, MaxStarting = 1 });
        PooledAgent idle = bench.Warm("b");

        bench.State.Enqueue(new Waiter(PoolBench.Key("a"), resident: null, queuedAt: 0));
        bench.State.Enqueue(new Waiter(PoolBench.Key("a"), resident: null, queuedAt: 0));

        Started(bench);
        Assert.Equal(PooledAgentState.Idle, idle.State);
    }

    [Fact]
    public void A_drain_ends_when_the_last_accepted_prompt_has_its_outcome()
    {
        Assert.True(State.TryAccept());
        State.Close(refuseAll: false);
        Assert.Equal((true, false), (State.Admits(isAccepted: true), State.Admits(isAccepted: false)));
        Assert.Empty(State.TakeDecisions());

        State.Accomplished();

        Assert.IsType<Decision.Drained>(Assert.Single(State.TakeDecisions()));
        Assert.Empty(State.TakeDecisions());
    }

    [Fact]
    public void A_stop_that_does_not_drain_admits_no_accepted_prompt()
    {
        Assert.True(State.TryAccept());
        State.Close(refuseAll: true);

        Assert.False(State.Admits(isAccepted: true));
    }

    /// <summary>The only agent that was decided to start.</summary>
    private static PooledAgent Started(StateBench bench) => Assert.IsType<Decision.Start>(Assert.Single(bench.State.TakeDecisions())).Agent;
}
