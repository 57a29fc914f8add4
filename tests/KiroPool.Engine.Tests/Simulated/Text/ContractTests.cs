using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>The promises of a pool hold for every protocol. A class for each, so that they run beside each other.</summary>
public abstract class ContractTests(AgentProtocol protocol, string engine)
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 3, MaxStarting = 3, StopGrace = TimeSpan.FromSeconds(1), CancelGrace = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_prompt_is_answered()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        PromptResult result = await pool.AskAsync("Grüße, 世界 😀\nsecond line");

        Assert.Equal(("You said: Grüße, 世界 😀\nsecond line", "Completed", "end_turn"), (result.Text, result.Outcome, result.StopReason));
        Assert.Equal(0.05m, result.Credits);
        Assert.NotNull(result.ProcessId);
        Assert.NotNull(result.TimeToFirstText);
        Assert.NotNull(result.AgentDuration);
        Assert.Equal(pool.Agent.Folder, result.WorkingDirectory);
        Assert.Equal(protocol == AgentProtocol.Acp || engine == "v3", result.SessionId is not null);
        Assert.Equal(protocol == AgentProtocol.Acp, result.RawText is null);
        Assert.Equal(protocol == AgentProtocol.Acp, result.ErrorText is null);
        Assert.Equal(protocol == AgentProtocol.Chat ? 0 : null, result.ExitCode);
    }

    [Fact]
    public async Task The_streamed_pieces_form_the_text()
    {
        await using var pool = new SimulatedPool(new { turnMs = 2000, chunks = 5 }, protocol: protocol, engine: engine, options: Quick);
        var pieces = new List<string>();
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = "as it comes", OnUpdate = update => pieces.Add(update.Text) })).Result;

        Assert.Equal("You said: as it comes", result.Text);
        Assert.Equal(result.Text, string.Concat(pieces));
        Assert.True(pieces.Count >= 2, "It came in one piece.");
    }

    [Fact]
    public async Task Parallel_prompts_get_their_own_answers_within_MaxSize()
    {
        await using var pool = new SimulatedPool(new { turnMs = 60 }, protocol: protocol, engine: engine, options: Quick);
        using var most = new MostProcesses(() => pool.Agent.Processes);
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => pool.AskAsync($"prompt {i}")));

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"You said: prompt {i}"), results.Select(r => r.Text));
        Assert.Equal(9, pool.Agent.Prompts.Distinct().Count());

        // MaxSize agents run at a time: none ends before all have begun.
        using var enough = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)>[] staying = [.. Enumerable.Range(0, 3).Select(i => pool.RunAsync(new PromptRequest { Prompt = $"[[hang]] {i}" }, enough.Token))];
        await pool.LoggedAsync("prompt", 12);
        await enough.CancelAsync();
        await Task.WhenAll(staying);
        Assert.InRange(most.Most, 1, 3);
    }

    [Fact]
    public async Task A_cancelled_prompt_does_not_wait_for_its_agent()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && protocol != AgentProtocol.Acp, "Windows has no signal that a process could ignore, so a cancelled process is killed at once.");
        // An agent that ignores the cancel for longer than the test may take.
        TimeSpan patience = TimeSpan.FromMinutes(5);
        await using var pool = new SimulatedPool(
            new { ignoreSigterm = true }, Quick with { CancelGrace = patience, StopGrace = patience, KillGrace = patience }, protocol: protocol, engine: engine);
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> run = pool.RunAsync(new PromptRequest { Prompt = "[[deaf]]" }, cancel.Token);
        await pool.LoggedAsync("prompt");
        await cancel.CancelAsync();

        Assert.Equal("Cancelled", (await run).Result.Outcome);
        Assert.Single(pool.Agent.Processes);
        await pool.Pool.StopAsync(PoolStopMode.Kill).InTime();
    }

    [Fact]
    public async Task After_a_cancelled_prompt_the_next_one_is_answered()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> run = pool.RunAsync(new PromptRequest { Prompt = "[[hang]]" }, cancel.Token);
        await pool.LoggedAsync("prompt");
        await cancel.CancelAsync();
        (PromptResult result, AgentException? failure) = await run;

        Assert.Equal(("Cancelled", FailureKind.PromptCancelled), (result.Outcome, failure!.Kind));
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
        Assert.Equal(["[[hang]]", "next"], pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_prompt_over_its_time_limit_is_timed_out()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        await pool.AskAsync("warm up");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "[[deaf]]", Timeout = TimeSpan.FromSeconds(2) });
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal(("TimedOut", FailureKind.PromptTimedOut), (result.Outcome, failure!.Kind));
        Assert.True(result.Duration >= TimeSpan.FromSeconds(1.99), $"It was abandoned after {result.Duration.TotalMilliseconds} ms.");
        Assert.Equal("You said: next", next.Text);
        Assert.NotEqual(result.ProcessId, next.ProcessId);
    }

    [Fact]
    public async Task A_silent_agent_times_out()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "[[hang]]", InactivityTimeout = TimeSpan.FromMilliseconds(400) });

        Assert.Equal(("TimedOut", FailureKind.AgentSilent), (result.Outcome, failure!.Kind));
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Fact]
    public async Task A_prompt_whose_agent_crashed_is_indeterminate_and_not_repeated()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "[[crash-midway]] please", RetryCount = 3 });

        Assert.Equal(("Indeterminate", FailureKind.AgentDied), (result.Outcome, failure!.Kind));
        Assert.NotEqual("", result.Text);
        Assert.Contains("simulated crash at streaming", failure.Message, StringComparison.Ordinal);
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
        Assert.Equal(["[[crash-midway]] please", "next"], pool.Agent.Prompts);
        Assert.Equal(1, pool.Statistics.EndedBy["Died"]);
    }

    [Fact]
    public async Task A_drain_completes_running_and_queued_prompts()
    {
        await using var pool = new SimulatedPool(new { turnMs = 200 }, protocol: protocol, engine: engine, options: Quick with { MaxSize = 1 });
        Task<PromptResult>[] asked = [.. Enumerable.Range(0, 3).Select(i => pool.AskAsync($"{i}"))];
        await pool.LoggedAsync("prompt");
        Task stopped = pool.Pool.StopAsync(PoolStopMode.Drain);

        Assert.Equal(["You said: 0", "You said: 1", "You said: 2"], (await Task.WhenAll(asked)).Select(r => r.Text));
        Assert.Equal(FailureKind.PoolStopped, (await pool.FailAsync("late")).Kind);
        await stopped.InTime();
        pool.Agent.AssertNothingLives();
    }

    [Fact]
    public async Task A_stop_ends_running_prompts_and_leaves_no_process()
    {
        await using var pool = new SimulatedPool(new { wrapper = true, grandchild = "setsid" }, protocol: protocol, engine: engine, options: Quick);
        Task<(PromptResult Result, AgentException? Failure)>[] asked = [.. Enumerable.Range(0, 2).Select(i => pool.RunAsync(new PromptRequest { Prompt = $"[[deaf]] {i}" }))];
        await pool.LoggedAsync("prompt", 2);
        await pool.Pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.All(await Task.WhenAll(asked), run => Assert.Equal(("Cancelled", FailureKind.PoolStopped), (run.Result.Outcome, run.Failure!.Kind)));
        pool.Agent.AssertNothingLives();
    }

    [Fact]
    public async Task Statistics_count_every_outcome()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        for (int i = 0; i < 3; i++)
            await pool.AskAsync($"{i}");
        await pool.FailAsync("[[error it broke]]");
        PoolStatistics now = pool.Statistics;

        bool servesOnce = protocol != AgentProtocol.Acp;
        Assert.Equal((3, 1, 0), (now.Completed, now.Failed, now.Indeterminate));
        Assert.Equal(servesOnce ? 4 : 1, now.ProcessesCreated);
        Assert.Equal(servesOnce ? 0 : 3, now.ProcessesReused);
        Assert.Equal(pool.Agent.Count("start"), now.ProcessesCreated);
    }

    [Fact]
    public async Task A_process_is_recycled_after_its_uses()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick with { MaxUses = 1 });
        int?[] processes = [(await pool.AskAsync("0")).ProcessId, (await pool.AskAsync("1")).ProcessId, (await pool.AskAsync("2")).ProcessId];

        Assert.Equal(3, processes.Distinct().Count());
        await Eventually.HoldsAsync(() => pool.Statistics.ProcessesRecycled >= 3);
        Assert.Equal(["Uses"], pool.Statistics.EndedBy.Keys);
    }

    [Fact]
    public async Task A_stand_alone_prompt_sees_no_earlier_one()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick with { MinSize = 1, MaxSize = 1 });
        await pool.AskAsync("my secret");

        Assert.Equal("No earlier prompts.", (await pool.AskAsync("history")).Text);
    }

    [Fact]
    public async Task The_requested_agent_and_model_are_used()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick, agent: "kiro_planner", model: "claude-haiku-4.5");
        PromptResult result = await pool.AskAsync("hello");

        // v3 has another name for that agent, and tells its models over ACP.
        string runs = engine == "v3" ? "plan" : "kiro_planner";
        bool tells = protocol == AgentProtocol.Acp && engine == "v3";
        Assert.Equal((tells ? runs : "kiro_planner", "claude-haiku-4.5", tells), (result.Agent, result.Model, result.ModelVerified));
        Assert.All(pool.Agent.Of("prompt"), e => Assert.Equal((runs, "claude-haiku-4.5"), (e.Agent, e.Model)));
    }

    [Fact]
    public async Task Throttling_pauses_the_whole_pool()
    {
        var pause = TimeSpan.FromSeconds(2);
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick with { CoolDownDelay = pause });
        Assert.Equal(FailureKind.RateLimited, (await pool.FailAsync("[[ratelimit]]")).Kind);
        Assert.NotNull(pool.Statistics.CoolDownUntil);
        await pool.AskAsync("next");

        // The pause started after the first prompt had reached its agent.
        IReadOnlyList<AgentEvent> prompts = pool.Agent.Of("prompt");
        TimeSpan paused = prompts[1].Time - prompts[0].Time;
        Assert.True(paused >= pause - TimeSpan.FromMilliseconds(20), $"The pause lasted {paused.TotalMilliseconds} ms.");
        Assert.Equal(1, pool.Statistics.ThrottledCount);
    }

    [Fact]
    public async Task A_text_that_begins_with_a_slash_is_not_a_command()
    {
        await using var pool = new SimulatedPool(protocol: protocol, engine: engine, options: Quick);
        PromptResult result = await pool.AskAsync("/usage");

        Assert.Equal(("You said: \u2060/usage", "/usage"), (result.Text, result.Prompt));
    }

    [Fact]
    public async Task Ten_megabytes_of_stderr_block_nothing()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "prompt", @do = "stderrFlood" } } }, protocol: protocol, engine: engine, options: Quick);
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal("You said: hello", result.Text);
        Assert.True((result.ErrorText?.Length ?? 0) <= 8192);
    }
}

public sealed class AcpV2ContractTests() : ContractTests(AgentProtocol.Acp, "v2");

public sealed class AcpV3ContractTests() : ContractTests(AgentProtocol.Acp, "v3");

public sealed class ChatV2ContractTests() : ContractTests(AgentProtocol.Chat, "v2");

public sealed class ChatV3ContractTests() : ContractTests(AgentProtocol.Chat, "v3");

public sealed class DelimitedContractTests() : ContractTests(AgentProtocol.Delimited, "v2");
