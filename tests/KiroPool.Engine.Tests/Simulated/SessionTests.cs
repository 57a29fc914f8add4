using System.Collections.Concurrent;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Named conversations on the wire: turns, deaths, suspensions, and failed resumes.</summary>
[Long]
public sealed class SessionTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1 };

    [Fact]
    public async Task A_session_runs_a_conversation_and_reports_it()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.GetOrCreate("review");
        Assert.Equal(("New", 0), (session.State, session.Turns));

        await SessionBench.SayAsync(session, "one");
        await SessionBench.SayAsync(session, "two");
        PromptResult third = await SessionBench.SayAsync(session, "history");

        Assert.Equal("2 earlier prompts:\none\ntwo", third.Text);
        Assert.Equal(("review", false, false), (third.Session, third.Resumed, third.StartedAfresh));
        Assert.Same(session, bench.Pool.Sessions.GetOrCreate("REVIEW"));
        Assert.Equal(("Ready", 3, third.SessionId, third.ProcessId), (session.State, session.Turns, session.SessionId, session.ProcessId));
        Assert.Equal((0.15m, 4.5, "kiro_default"), (session.Credits, session.ContextPercent, session.Agent));
        Assert.Equal(["one", "two", "history"], session.GetHistory().Select(turn => turn.Prompt));
        Assert.Equal("You said: two", session.GetHistory()[1].Text);
        Assert.Equal(1, bench.Agent.Count("start"));
    }

    [Fact]
    public async Task A_session_whose_process_was_killed_is_resumed_without_a_visible_replay()
    {
        await using var bench = new SessionBench(model: "claude-haiku-4.5");
        Session session = bench.Pool.Sessions.Create("s");
        await SessionBench.SayAsync(session, "one");
        PromptResult before = await SessionBench.SayAsync(session, "two");
        await LiveProcesses.EndAsync(before.ProcessId!.Value);
        await Eventually.HoldsAsync(() => session.State == "Suspended");

        var updates = new ConcurrentQueue<PromptUpdate>();
        PromptResult after = await session.PromptAsync(new PromptRequest { Prompt = "history", OnUpdate = updates.Enqueue }, TestContext.Current.CancellationToken).InTime();

        Assert.Equal("2 earlier prompts:\none\ntwo", after.Text);
        Assert.Equal(after.Text, string.Concat(updates.Where(u => u.Kind == "Text").Select(u => u.Text)));
        Assert.Equal((true, before.SessionId), (after.Resumed, after.SessionId));
        Assert.NotEqual(before.ProcessId, after.ProcessId);

        // A new process gets agent and model again.
        Assert.Equal("claude-haiku-4.5", after.Model);
        Assert.Equal(["claude-haiku-4.5"], bench.Agent.Of("prompt").Select(e => e.Model).Distinct());
        Assert.Equal(["one", "two", "history"], bench.Agent.Prompts);
    }

    [Fact]
    public async Task A_resting_session_is_suspended_politely_and_resumed_on_use()
    {
        // Stale locks block: another process can load a conversation only if the last one had the time to save it.
        await using var bench = new SessionBench(
            new { staleLocks = true, eofMs = 400 },
            One with { StopGrace = TimeSpan.FromMilliseconds(50), KillGrace = TimeSpan.FromMilliseconds(50) });
        Session session = bench.Pool.Sessions.Create("s");
        await SessionBench.SayAsync(session, "one");

        Assert.Equal("No earlier prompts.", (await bench.Pool.PromptAsync(new PromptRequest { Prompt = "history" }, TestContext.Current.CancellationToken).InTime()).Text);
        Assert.Equal("Suspended", session.State);
        PromptResult after = await SessionBench.SayAsync(session, "history");

        Assert.Equal(("1 earlier prompt:\none", true), (after.Text, after.Resumed));
        Assert.Equal(1, bench.Pool.GetStatistics().EndedBy["Suspended"]);
    }

    [Fact]
    public async Task A_death_during_a_turn_is_reported_once_and_the_conversation_goes_on()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        await SessionBench.SayAsync(session, "one");
        PromptFailedException died = await SessionBench.FailAsync(session, "[[crash]]");
        PromptResult after = await SessionBench.SayAsync(session, "history");

        Assert.Equal((FailureKind.AgentDied, "Indeterminate"), (died.Kind, died.Result.Outcome));
        Assert.Equal(("1 earlier prompt:\none", true), (after.Text, after.Resumed));
        Assert.Equal(["one", "[[crash]]", "history"], bench.Agent.Prompts);
        Assert.Equal(["Completed", "Indeterminate", "Completed"], session.GetHistory().Select(turn => turn.Outcome));
    }

    [Fact]
    public async Task A_cancelled_turn_leaves_the_conversation_on_its_process()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        using var cancel = new CancellationTokenSource();
        await SessionBench.SayAsync(session, "one");
        Task<PromptResult> running = session.PromptAsync(new PromptRequest { Prompt = "[[hang]]" }, cancel.Token);
        await Eventually.HoldsAsync(() => bench.Agent.Count("prompt") == 2);
        Assert.Equal("Busy", session.State);
        await cancel.CancelAsync();

        Assert.Equal(FailureKind.PromptCancelled, (await Assert.ThrowsAsync<PromptFailedException>(() => running.InTime())).Kind);
        PromptResult after = await SessionBench.SayAsync(session, "history");
        Assert.Equal(("2 earlier prompts:\none\n[[hang]]", false), (after.Text, after.Resumed));
        Assert.Equal(1, bench.Agent.Count("start"));
    }

    [Fact]
    public async Task An_unknown_conversation_is_lost_and_restarts_only_with_consent()
    {
        // The agent never answers for an unknown id.
        await using var bench = new SessionBench(options: One with { SessionTimeout = TimeSpan.FromSeconds(3) });
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult before = await SessionBench.SayAsync(session, "one");
        await LiveProcesses.EndAsync(before.ProcessId!.Value);
        File.Delete(Path.Combine(bench.Store, before.SessionId + ".jsonl"));

        PromptFailedException lost = await SessionBench.FailAsync(session, "two");
        Assert.Equal((FailureKind.SessionLost, "Failed", "Lost"), (lost.Kind, lost.Result.Outcome, session.State));
        Assert.Contains("session/load", lost.Message, StringComparison.Ordinal);

        PromptResult anew = await session.PromptAsync(new PromptRequest { Prompt = "history", AllowNewConversation = true }, TestContext.Current.CancellationToken).InTime();
        Assert.Equal(("No earlier prompts.", true, false), (anew.Text, anew.StartedAfresh, anew.Resumed));
        Assert.NotEqual(before.SessionId, session.SessionId);
        Assert.Equal("Ready", session.State);
        Assert.Equal("1 earlier prompt:\nhistory", (await SessionBench.SayAsync(session, "history")).Text);
        Assert.DoesNotContain("two", bench.Agent.Prompts);
    }

    [Theory]
    [InlineData("exit0")]
    [InlineData("crash")]
    [InlineData("error")]
    public async Task A_failed_load_loses_the_conversation_for_one_prompt_and_the_next_tries_again(string fault)
    {
        using var folder = new TempFolder();
        await using var bench = new SessionBench(new { faults = new[] { new { at = "session/load", @do = fault, times = 1, everyProcess = false, state = Path.Combine(folder.FullName, "count") } } });
        Session session = bench.Pool.Sessions.Create("s");
        await LiveProcesses.EndAsync((await SessionBench.SayAsync(session, "one")).ProcessId!.Value);

        Assert.Equal(FailureKind.SessionLost, (await SessionBench.FailAsync(session, "two")).Kind);
        PromptResult after = await SessionBench.SayAsync(session, "history");

        Assert.Equal(("1 earlier prompt:\none", true, "Ready"), (after.Text, after.Resumed, session.State));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("[[silent]] [[block image]]")]
    public async Task A_silent_restart_under_the_old_id_is_detected(string answered)
    {
        await using var bench = new SessionBench(new { faults = new[] { new { at = "session/load", @do = "silentFallback" } } });
        Session session = bench.Pool.Sessions.Create("s");
        await LiveProcesses.EndAsync((await SessionBench.SayAsync(session, answered)).ProcessId!.Value);

        PromptFailedException lost = await SessionBench.FailAsync(session, "two");
        Assert.Equal((FailureKind.SessionLost, "Lost"), (lost.Kind, session.State));
        Assert.DoesNotContain("two", bench.Agent.Prompts);
    }

    [Fact]
    public async Task A_conversation_locked_by_a_killed_process_is_an_error()
    {
        await using var bench = new SessionBench(new { staleLocks = true });
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult before = await SessionBench.SayAsync(session, "one");
        await LiveProcesses.EndAsync(before.ProcessId!.Value);

        PromptFailedException locked = await SessionBench.FailAsync(session, "two");
        Assert.Equal(FailureKind.SessionLocked, locked.Kind);
        Assert.Contains($"PID {before.ProcessId}", locked.Message, StringComparison.Ordinal);

        // After the lock is gone, the conversation continues.
        File.Delete(Path.Combine(bench.Store, before.SessionId + ".lock"));
        Assert.Equal("1 earlier prompt:\none", (await SessionBench.SayAsync(session, "history")).Text);
    }

    [Fact]
    public async Task A_session_without_resume_is_not_suspended_and_is_lost_when_its_process_dies()
    {
        await using var bench = new SessionBench(new { loadSession = false }, One);
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult first = await SessionBench.SayAsync(session, "one");

        (PromptResult other, AgentException? refusal) = await bench.Pool.RunAsync(new PromptRequest { Prompt = "other" }, TestContext.Current.CancellationToken).InTime();
        Assert.Equal(("Failed", FailureKind.PoolHeldBySessions), (other.Outcome, refusal!.Kind));
        Assert.Equal("1 earlier prompt:\none", (await SessionBench.SayAsync(session, "history")).Text);

        await LiveProcesses.EndAsync(first.ProcessId!.Value);
        PromptFailedException lost = await SessionBench.FailAsync(session, "two");
        Assert.Equal((FailureKind.SessionLost, "Lost"), (lost.Kind, session.State));
        Assert.DoesNotContain("two", bench.Agent.Prompts);
    }

    [Fact]
    public async Task Concurrent_conversations_of_one_process_stay_separate()
    {
        await using var bench = new SessionBench(new { turnMs = 5, chunks = 20 }, One with { SessionsPerProcess = 3 });
        Session[] sessions = [.. Enumerable.Range(0, 3).Select(i => bench.Pool.Sessions.Create($"s{i}"))];

        await Task.WhenAll(sessions.Select(async session =>
        {
            for (int turn = 0; turn < 10; turn++)
                Assert.Equal($"You said: {session.Name}-{turn}", (await SessionBench.SayAsync(session, $"{session.Name}-{turn}")).Text);
        })).InTime();

        foreach (Session session in sessions)
        {
            string text = (await SessionBench.SayAsync(session, "history")).Text;
            Assert.Equal(string.Join('\n', ["10 earlier prompts:", .. Enumerable.Range(0, 10).Select(turn => $"{session.Name}-{turn}")]), text);
        }

        Assert.Equal(1, bench.Agent.Count("start"));
        Assert.Equal(3, bench.Agent.Of("prompt").Select(e => e.SessionId).Distinct().Count());
    }

    [Fact]
    public async Task All_conversations_outlive_their_shared_process()
    {
        await using var bench = new SessionBench(options: One with { SessionsPerProcess = 3 });
        Session[] sessions = [.. Enumerable.Range(0, 3).Select(i => bench.Pool.Sessions.Create($"s{i}"))];
        foreach (Session session in sessions)
            await SessionBench.SayAsync(session, session.Name);
        await LiveProcesses.EndAsync(sessions[0].ProcessId!.Value);

        PromptResult[] results = await Task.WhenAll(sessions.Select(session => SessionBench.SayAsync(session, "history")));

        Assert.Equal(sessions.Select(session => $"1 earlier prompt:\n{session.Name}"), results.Select(result => result.Text));
        Assert.Single(results.Select(result => result.ProcessId).Distinct());
    }

    [Fact]
    public async Task A_removed_session_is_closed_and_its_process_serves_others()
    {
        await using var bench = new SessionBench(options: One);
        Session session = bench.Pool.Sessions.Create("s");
        int? process = (await SessionBench.SayAsync(session, "one")).ProcessId;
        bench.Pool.Sessions.Remove("s");

        await Eventually.HoldsAsync(() => bench.Agent.Count("close") == 1);
        PromptResult other = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "history" }, TestContext.Current.CancellationToken).InTime();
        Assert.Equal(("No earlier prompts.", process), (other.Text, other.ProcessId));
        Assert.Equal("Removed", session.State);
        Assert.Equal(FailureKind.SessionRemoved, (await SessionBench.FailAsync(session, "two")).Kind);
    }

    [Fact]
    public async Task A_stopping_pool_ends_the_running_turn_and_its_session()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        await SessionBench.SayAsync(session, "one");
        Task<PromptFailedException> running = SessionBench.FailAsync(session, "[[hang]]");
        await Eventually.HoldsAsync(() => bench.Agent.Count("prompt") == 2);
        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.Equal(FailureKind.PoolStopped, (await running).Kind);
        Assert.Equal("Removed", session.State);
        Assert.Equal(FailureKind.PoolStopped, (await SessionBench.FailAsync(session, "two")).Kind);
    }

    [Fact]
    public async Task A_resume_that_the_agent_does_not_answer_is_reported_as_long_as_it_lasts()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("sess_unknown");
        using var cancel = new CancellationTokenSource();
        Assert.Equal(0, bench.Pool.ReadActivity().Resuming);

        Task open = session.OpenAsync(cancel.Token);
        await Eventually.HoldsAsync(() => bench.Pool.ReadActivity().Resuming == 1);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open.InTime());
        Assert.Equal(0, bench.Pool.ReadActivity().Resuming);
    }
}
