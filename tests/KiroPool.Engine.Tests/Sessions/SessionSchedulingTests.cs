using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Conversations among stand-alone prompts: order, room, limits and ends.</summary>
public sealed class SessionSchedulingTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1, MaxStarting = 1 };

    [Fact]
    public async Task Prompts_of_a_session_run_one_at_a_time_in_the_order_they_came()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult>[] all = [.. Enumerable.Range(0, 5).Select(i => Say(session, $"{i}"))];
        for (int i = 0; i < all.Length; i++)
        {
            await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1 && bench.Connector.PromptsSeen.Count == i + 1);
            Assert.Equal("Busy", session.State);
            bench.Connector.Turns.ReleaseFirst();
            await all[i].InTime();
        }

        Assert.Equal(["0", "1", "2", "3", "4"], bench.Connector.PromptsSeen);
        Assert.Equal(1, bench.Connector.StartCount);
        Assert.Equal("Ready", session.State);
    }

    [Fact]
    public async Task An_abandoned_prompt_in_the_queue_does_not_block_the_others()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        using var cancel = new CancellationTokenSource();
        Task<PromptResult> first = Say(session, "first");
        Task<PromptResult> second = session.PromptAsync(new PromptRequest { Prompt = "second" }, cancel.Token);
        Task<PromptResult> third = Say(session, "third");
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await Assert.ThrowsAsync<PromptFailedException>(() => second.InTime())).Result.Outcome);
        bench.Connector.OpenGates();
        await Task.WhenAll(first, third).InTime();

        Assert.Equal(["first", "third"], bench.Connector.PromptsSeen);
        Assert.Equal((2, 1), (bench.Statistics.Completed, bench.Statistics.Cancelled));
        Assert.Equal(2, session.Turns);
    }

    [Fact]
    public async Task A_time_limit_counts_the_wait_for_the_sessions_earlier_prompts()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult> first = Say(session, "first");
        Task<(PromptResult Result, AgentException? Failure)> second = bench.Pool.RunAsync(new PromptRequest { Prompt = "second", Timeout = TimeSpan.FromSeconds(5) }, session, default);
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));

        PromptResult timedOut = (await second.InTime()).Result;
        Assert.Equal(("TimedOut", TimeSpan.FromSeconds(5)), (timedOut.Outcome, timedOut.QueuedFor));
        bench.Connector.OpenGates();
        await first.InTime();
        Assert.Equal(["first"], bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task Idle_agents_make_room_before_the_session_that_rested_longest()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 3 });
        Session old = bench.Pool.Sessions.Create("old");
        Session young = bench.Pool.Sessions.Create("young");
        await Say(old, "1");
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await Say(young, "2");
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        (await bench.RentAsync()).Return();

        AgentLease b = await bench.RentAsync("b");
        Assert.Equal(("Ready", "Ready"), (old.State, young.State));
        AgentLease c = await bench.RentAsync("c");
        Assert.Equal(("Suspended", "Ready"), (old.State, young.State));
        Assert.Equal((1, 1), (bench.Statistics.EndedBy["Evicted"], bench.Statistics.EndedBy["Suspended"]));

        b.Return();
        Assert.Equal("You said: 3", (await Say(old, "3")).Text);
        c.Return();
        Assert.Equal(["1", "3"], bench.Connector.Transcripts[old.SessionId!]);
    }

    [Fact]
    public async Task A_prompt_is_refused_when_sessions_that_cannot_be_resumed_hold_every_slot()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.Create("review");
        await Say(session, "1");

        AgentException refused = await Assert.ThrowsAsync<AgentException>(() => bench.Ask("b").InTime());

        Assert.Equal(FailureKind.PoolHeldBySessions, refused.Kind);
        Assert.Contains("'review'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("You said: 2", (await Say(session, "2")).Text);
        Assert.Equal(1, bench.Connector.StartCount);

        session.Dispose();
        (await bench.RentAsync("b")).Return();
    }

    [Fact]
    public async Task A_prompt_that_waited_during_the_turn_of_such_a_session_is_refused_when_the_turn_ends()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.Create("review");
        bench.Connector.Turns.Close();
        Task<PromptResult> turn = Say(session, "1");
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task<AgentLease> waiter = bench.Ask("b");
        Assert.False(waiter.IsCompleted);

        bench.Connector.OpenGates();
        await turn;

        Assert.Equal(FailureKind.PoolHeldBySessions, (await Assert.ThrowsAsync<AgentException>(() => waiter.InTime())).Kind);
    }

    [Fact]
    public async Task A_temporary_conversation_that_cannot_be_resumed_is_waited_for()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.CreateTemporary();
        await Say(session, "1");
        Task<AgentLease> waiter = bench.Ask("b");
        await bench.QuietAsync();

        Assert.False(waiter.IsCompleted);
        session.Dispose();
        (await waiter.InTime()).Return();
    }

    [Fact]
    public async Task A_stream_of_prompts_in_a_session_does_not_keep_others_waiting_for_ever()
    {
        await using var bench = new PoolBench(One);
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult>[] stream = [.. Enumerable.Range(0, 5).Select(i => Say(session, $"{i}"))];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task<AgentLease> waiter = bench.Ask();
        bench.Connector.Turns.ReleaseFirst();
        (await waiter.InTime()).Return();

        // One of them has completed. The second waits for the request before it.
        Assert.InRange(bench.Connector.PromptsSeen.Count, 1, 2);
        bench.Connector.OpenGates();
        await Task.WhenAll(stream).InTime();
        Assert.Equal(["0", "1", "2", "3", "4"], bench.Connector.Transcripts[session.SessionId!]);
    }

    [Fact]
    public async Task A_drain_runs_the_queued_prompts_of_a_session_and_ignores_resting_ones()
    {
        await using var bench = new PoolBench();
        Session resting = bench.Pool.Sessions.Create("resting");
        Session busy = bench.Pool.Sessions.Create("busy");
        await Say(resting, "rest");
        bench.Connector.Turns.Close();
        Task<PromptResult>[] queued = [Say(busy, "1"), Say(busy, "2")];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);
        Assert.Equal(FailureKind.PoolStopped, (await Assert.ThrowsAsync<PromptFailedException>(() => Say(busy, "3"))).Kind);
        bench.Connector.OpenGates();
        await stop.InTime();

        Assert.All(queued, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.Equal(("Removed", "Removed"), (resting.State, busy.State));
    }

    [Fact]
    public async Task An_idle_conversation_is_suspended_when_its_time_is_up_and_resumed_on_use()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromSeconds(60), SweepInterval = TimeSpan.FromSeconds(10) });
        Session session = bench.Pool.Sessions.Create("s");
        await Say(session, "1");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(80));
        Assert.Equal(("Suspended", 0), (session.State, bench.Connector.Alive));

        PromptResult after = await Say(session, "2");
        Assert.True(after.Resumed);
        Assert.Equal(1, bench.Connector.LoadCount);
    }

    [Fact]
    public async Task Limits_recycle_the_agents_of_sessions_without_failing_a_prompt()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxUses = 2, Jitter = 0 });
        Session session = bench.Pool.Sessions.Create("s");
        for (int i = 0; i < 6; i++)
            Assert.Equal($"You said: {i}", (await Say(session, $"{i}")).Text);

        Assert.Equal(["0", "1", "2", "3", "4", "5"], bench.Connector.Transcripts[session.SessionId!]);
        Assert.Equal([2, 2, 2], bench.Connector.PromptsPerAgent());
    }

    [Fact]
    public async Task An_unsent_prompt_is_repeated_in_the_resumed_session_and_a_sent_one_is_not()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        await Say(session, "1");
        bench.Connector.All[0].ScriptNextTurn(FakeTurn.DiesUnseen);
        PromptResult second = await Say(session, "2");
        Assert.True(second.Resumed);
        bench.Connector.All[1].ScriptNextTurn(FakeTurn.DiesInTurn);

        PromptFailedException third = await Assert.ThrowsAsync<PromptFailedException>(
            () => session.PromptAsync(new PromptRequest { Prompt = "3", RetryCount = 5 }, TestContext.Current.CancellationToken).InTime());
        Assert.Equal("Indeterminate", third.Result.Outcome);
        await Say(session, "4");
        Assert.Equal(["1", "2", "3", "4"], bench.Connector.Transcripts[session.SessionId!]);
    }

    [Fact]
    public async Task A_session_without_an_answered_turn_cannot_be_lost()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.ScriptNextTurn(FakeTurn.DiesUnseen);
        };
        Session session = bench.Pool.Sessions.Create("s");

        PromptResult first = await Say(session, "1");
        Assert.Equal(("You said: 1", false, 0), (first.Text, first.Resumed, bench.Connector.LoadCount));
    }

    [Fact]
    public async Task A_hanging_load_ends_at_the_time_limit_and_loses_no_conversation()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        await Say(session, "1");
        bench.Connector.All[0].Die();
        bench.Connector.Loads.Close();
        Task<(PromptResult Result, AgentException? Failure)> late = bench.Pool.RunAsync(new PromptRequest { Prompt = "2", Timeout = TimeSpan.FromSeconds(5) }, session, default);
        await Eventually.HoldsAsync(() => bench.Connector.Loads.HeldCount == 1);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("TimedOut", (await late.InTime()).Result.Outcome);
        bench.Connector.OpenGates();

        Assert.True((await Say(session, "3")).Resumed);
        Assert.Equal(["1", "3"], bench.Connector.Transcripts[session.SessionId!]);
    }

    [Fact]
    public async Task Removing_a_session_ends_its_running_prompt_and_those_that_wait()
    {
        await using var bench = new PoolBench(One);
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult> running = Say(session, "running");
        Task<PromptResult> waiting = Say(session, "waiting");
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Assert.True(bench.Pool.Sessions.Remove(session));
        Assert.False(bench.Pool.Sessions.Remove(session));

        PromptFailedException cancelled = await Assert.ThrowsAsync<PromptFailedException>(() => running);
        PromptFailedException refused = await Assert.ThrowsAsync<PromptFailedException>(() => waiting);
        Assert.Equal([(FailureKind.SessionRemoved, "Cancelled"), (FailureKind.SessionRemoved, "Failed")], [(cancelled.Kind, cancelled.Result.Outcome), (refused.Kind, refused.Result.Outcome)]);
        bench.Connector.OpenGates();

        // Its agent serves all requests again.
        AgentLease lease = await bench.RentAsync();
        Assert.Equal(1, bench.Connector.StartCount);
        Assert.Equal(0, PoolBench.AgentOf(lease).OpenSessions);
        lease.Return();
    }

    [Fact]
    public async Task A_failed_start_fails_the_prompt_and_the_session_is_there_for_the_next()
    {
        await using var bench = new PoolBench();
        bench.Connector.ScriptStarts(PoolBench.Key("a"), FailureKind.ModelNotFound);
        Session session = bench.Pool.Sessions.Create("s");
        Assert.Equal(FailureKind.ModelNotFound, (await Assert.ThrowsAsync<AgentException>(() => session.OpenAsync(TestContext.Current.CancellationToken).InTime())).Kind);
        Assert.Equal("New", session.State);

        await session.OpenAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal("Ready", session.State);
        Assert.Equal("You said: 1", (await Say(session, "1")).Text);
    }

    private static Task<PromptResult> Say(Session session, string prompt) => session.PromptAsync(new PromptRequest { Prompt = prompt }).InTime();
}
