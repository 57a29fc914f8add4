using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

[Collection<Alone>]
public sealed class TimeLimitTests
{
    [Theory]
    [InlineData("[[hang]]", 300)]
    [InlineData("[[deaf]]", 300)]
    [InlineData("[[sleep 10000]] [[chunks 200]]", 1500)]
    public async Task A_prompts_time_limit_is_kept(string prompt, int milliseconds)
    {
        using var lateness = new MachineLateness();
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, CancelGrace = TimeSpan.FromMilliseconds(200) });
        await pool.AskAsync("warm up");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt, Timeout = TimeSpan.FromMilliseconds(milliseconds) });

        Assert.Equal(("TimedOut", FailureKind.PromptTimedOut), (result.Outcome, failure!.Kind));
        lateness.AssertKept(TimeSpan.FromMilliseconds(milliseconds), result.Duration, "the prompt");
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Theory]
    [InlineData("[[hang]]")]
    [InlineData("[[deaf]]")]
    public async Task An_agent_that_falls_silent_times_out(string prompt)
    {
        using var lateness = new MachineLateness();
        var limit = TimeSpan.FromMilliseconds(400);
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, InactivityTimeout = limit, CancelGrace = TimeSpan.FromMilliseconds(200) });
        await pool.AskAsync("warm up");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt });

        Assert.Equal(("TimedOut", FailureKind.AgentSilent), (result.Outcome, failure!.Kind));
        lateness.AssertKept(limit, result.Duration - result.QueuedFor - result.SessionWait, "the silence");
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Fact]
    public async Task An_agent_that_sends_updates_is_not_silent()
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, InactivityTimeout = TimeSpan.FromSeconds(1.5) });
        PromptResult result = await pool.AskAsync("[[sleep 3000]] [[chunks 30]] hello");
        Assert.Equal("Completed", result.Outcome);
    }

    [Theory]
    [InlineData("start", "initialize")]
    [InlineData("initialize", "initialize")]
    [InlineData("session/new", "session/new")]
    public async Task An_agent_that_hangs_during_its_start_is_ended_after_the_limit(string stage, string step)
    {
        using var lateness = new MachineLateness();
        var limit = TimeSpan.FromMilliseconds(700);
        TimeSpan toStart = step == "initialize" ? limit : Eventually.Limit;
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = stage, @do = "hang" } } },
            new PoolOptions { MinSize = 0, StartTimeout = toStart, SessionTimeout = limit, StopGrace = TimeSpan.FromMilliseconds(200) });
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" });

        Assert.Equal(("Failed", FailureKind.AgentStartTimedOut), (result.Outcome, failure!.Kind));
        Assert.Contains($"did not answer {step} within 0.7 s", failure.Message, StringComparison.Ordinal);

        // The limit of session/new starts when initialize is answered.
        DateTime begin = step == "initialize" ? pool.Log[0].Time : pool.Agent.Of("session/new")[0].Time;
        DateTime end = pool.Log.First(e => e.Text.Contains("serves no more prompts", StringComparison.Ordinal)).Time;
        lateness.AssertKept(limit, end - begin, step, seenLater: TimeSpan.FromMilliseconds(100));
        await pool.IdleAsync(0);
        Assert.Empty(pool.Agent.Processes);
    }

    [Fact]
    public async Task A_prompts_limit_includes_the_start_of_its_agent()
    {
        using var lateness = new MachineLateness();
        await using var pool = new SimulatedPool(new { startMs = 5000 });
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "hello", Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal("TimedOut", result.Outcome);
        lateness.AssertKept(TimeSpan.FromMilliseconds(300), result.Duration, "the prompt");
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task A_prompts_limit_includes_its_session()
    {
        using var lateness = new MachineLateness();
        await using var pool = new SimulatedPool(new { sessionMs = 5000 });
        await pool.AskAsync("first");
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "second", Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal("TimedOut", result.Outcome);
        lateness.AssertKept(TimeSpan.FromMilliseconds(300), result.Duration, "the prompt");
        Assert.Equal(["first"], pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_prompt_waits_for_a_pause_up_to_its_own_time_limit()
    {
        using var lateness = new MachineLateness();
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, CoolDownDelay = TimeSpan.FromSeconds(20) });
        await pool.FailAsync("[[ratelimit]]");
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello", Timeout = TimeSpan.FromMilliseconds(400) });

        Assert.Equal(("TimedOut", FailureKind.PromptTimedOut), (result.Outcome, failure!.Kind));
        lateness.AssertKept(TimeSpan.FromMilliseconds(400), result.Duration, "the prompt");
        Assert.Equal(["[[ratelimit]]"], pool.Agent.Prompts);
    }
}
