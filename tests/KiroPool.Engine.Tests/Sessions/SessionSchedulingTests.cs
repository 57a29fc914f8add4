using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Conversations among stand-alone prompts: order, room and ends.</summary>
public sealed class SessionSchedulingTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1, MaxStarting = 1 };

    [Fact]
    public async Task Prompts_of_a_session_run_one_at_a_time_in_the_order_they_came()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult>[] all = [.. Enumerable.Range(0, 5).Select(i => session.SayAsync($"{i}"))];
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
        Task<PromptResult> first = session.SayAsync("first");
        Task<PromptResult> second = session.PromptAsync(new PromptRequest { Prompt = "second" }, cancel.Token);
        Task<PromptResult> third = session.SayAsync("third");
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
        Task<PromptResult> first = session.SayAsync("first");
        Task<(PromptResult Result, AgentException? Failure)> second = bench.Pool.RunAsync(new PromptRequest { Prompt = "second", Timeout = TimeSpan.FromSeconds(5) }, session, default);
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));

        PromptResult timedOut = (await second.InTime()).Result;
        Assert.Equal(("TimedOut", TimeSpan.FromSeconds(5)), (timedOut.Outcome, timedOut.QueuedFor));
        Assert.Contains("waiting for the earlier prompts of the session 's'", (await second).Failure!.Message, StringComparison.Ordinal);
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
        await old.SayAsync("1");
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await young.SayAsync("2");
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        (await bench.RentAsync()).Return();

        AgentLease b = await bench.RentAsync("b");
        Assert.Equal(("Ready", "Ready"), (old.State, young.State));
        AgentLease c = await bench.RentAsync("c");
        Assert.Equal(("Suspended", "Ready"), (old.State, young.State));
        Assert.Equal((1, 1), (bench.Statistics.EndedBy["Evicted"], bench.Statistics.EndedBy["Suspended"]));

        b.Return();
        Assert.Equal("You said: 3", (await old.SayAsync("3")).Text);
        c.Return();
        Assert.Equal(["1", "3"], bench.Connector.Transcripts[old.SessionId!]);
    }

    [Fact]
    public async Task A_prompt_is_refused_when_sessions_that_cannot_be_resumed_hold_every_slot()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.Create("review");
        await session.SayAsync("1");

        AgentException refused = await Assert.ThrowsAsync<AgentException>(() => bench.Ask("b").InTime());

        Assert.Equal(FailureKind.PoolHeldBySessions, refused.Kind);
        Assert.Contains("'review'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("You said: 2", (await session.SayAsync("2")).Text);
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
        Task<PromptResult> turn = session.SayAsync("1");
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
        await session.SayAsync("1");
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
        Task<PromptResult>[] stream = [.. Enumerable.Range(0, 5).Select(i => session.SayAsync($"{i}"))];
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
        await resting.SayAsync("rest");
        bench.Connector.Turns.Close();
        Task<PromptResult>[] queued = [busy.SayAsync("1"), busy.SayAsync("2")];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        Task stop = bench.Pool.StopAsync(PoolStopMode.Drain);
        Assert.Equal(FailureKind.PoolStopped, (await Assert.ThrowsAsync<PromptFailedException>(() => busy.SayAsync("3"))).Kind);
        bench.Connector.OpenGates();
        await stop.InTime();

        Assert.All(queued, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.Equal(("Removed", "Removed"), (resting.State, busy.State));
    }

    [Fact]
    public async Task Removing_a_session_ends_its_running_prompt_and_those_that_wait()
    {
        await using var bench = new PoolBench(One);
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.Turns.Close();
        Task<PromptResult> running = session.SayAsync("running");
        Task<PromptResult> waiting = session.SayAsync("waiting");
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
        Assert.Equal("You said: 1", (await session.SayAsync("1")).Text);
    }
}
