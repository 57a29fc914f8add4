using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class BrakeTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_throttled_agent_pauses_all_and_one_prompt_tries_again(int timesThrottled)
    {
        await using var pool = new SimulatedPool(
            new { turnMs = 100, chunks = 1, faults = new[] { new { at = "prompt", @do = "rateLimit", times = timesThrottled, everyProcess = false, state = "count", match = "throttle" } } },
            new PoolOptions { MinSize = 0, MaxSize = 4, MaxStarting = 4, CoolDownDelay = Pause });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => pool.AskAsync($"warm up {i}")));
        int before = pool.Agent.Prompts.Count;

        (PromptResult throttled, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "throttle" });
        Assert.Equal(("Failed", FailureKind.RateLimited), (throttled.Outcome, failure!.Kind));
        Assert.NotNull(pool.Statistics.CoolDownUntil);
        (PromptResult Result, AgentException? Failure)[] results =
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => pool.RunAsync(new PromptRequest { Prompt = $"throttle {i}" })));

        Assert.Equal(timesThrottled - 1, results.Count(r => r.Failure is not null));
        Assert.Null(pool.Statistics.CoolDownUntil);
        Assert.Equal(timesThrottled, pool.Statistics.ThrottledCount);

        // The agents saw one prompt at a time, each after its pause, until one succeeded; then the others. Each answer comes
        // in one piece, at the end of its turn.
        AgentEvent[] seen = [.. pool.Agent.Of("prompt").SkipWhile(e => e.Text != "throttle")];
        AgentEvent[] refused = [.. pool.Agent.Of("turn-end").Where(e => e.Text == "Too many requests")];
        for (int probe = 0; probe < timesThrottled; probe++)
        {
            TimeSpan paused = seen[probe + 1].Time - refused[probe].Time;
            Assert.True(paused >= (Pause * (1 << probe)) - TimeSpan.FromMilliseconds(20), $"Pause {probe} lasted {paused.TotalMilliseconds} ms.");
        }

        TimeSpan alone = seen[timesThrottled + 1].Time - seen[timesThrottled].Time;
        Assert.True(alone >= TimeSpan.FromMilliseconds(90), $"The one that tried was alone for {alone.TotalMilliseconds} ms, and its turn took 100 ms.");
        Assert.Equal(before + 13, pool.Agent.Prompts.Count);
    }

    [Fact]
    public async Task Throttling_while_a_session_is_made_pauses_the_pool_too()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "session/new", @do = "rateLimit", times = 1, everyProcess = false, state = "count" } } },
            new PoolOptions { MinSize = 0, CoolDownDelay = Pause });
        Assert.Equal(FailureKind.RateLimited, (await pool.FailAsync("first")).Kind);
        await pool.AskAsync("second");

        // The pause started after the session was requested.
        TimeSpan paused = pool.Agent.Of("prompt")[0].Time - pool.Agent.Of("session/new")[0].Time;
        Assert.Equal(1, pool.Statistics.ThrottledCount);
        Assert.True(paused >= Pause - TimeSpan.FromMilliseconds(20), $"The pause lasted {paused.TotalMilliseconds} ms.");
    }

    [Fact]
    public async Task Starts_that_keep_failing_stop_and_say_why()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "start", @do = "crash", text = "no licence", code = 7 } } },
            new PoolOptions { MinSize = 0, BreakerThreshold = 3, BreakerDelay = TimeSpan.FromMinutes(1) });
        AgentException first = await pool.FailAsync("first");
        Assert.Equal(FailureKind.AgentStartFailed, first.Kind);
        Assert.Contains("exit code 7", first.Message, StringComparison.Ordinal);
        Assert.Contains("no licence", first.Message, StringComparison.Ordinal);
        await pool.IdleAsync(0);
        int starts = pool.Agent.Count("start");
        Assert.InRange(starts, 3, 4);

        // New requests get the reason at once, and no agent starts for them.
        for (int i = 0; i < 5; i++)
        {
            AgentException failure = await pool.FailAsync("more");
            Assert.Equal(FailureKind.AgentKeepsFailing, failure.Kind);
            Assert.Contains("no licence", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(starts, pool.Agent.Count("start"));
        Assert.NotNull(pool.Statistics.StartsPausedUntil);
        Assert.Contains("no licence", pool.Statistics.LastStartFailure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_delay_a_good_start_closes_the_breaker()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "start", @do = "crash", times = 3, everyProcess = false, state = "count" } } },
            new PoolOptions { MinSize = 0, MaxSize = 4, MaxStarting = 1, BreakerThreshold = 3, BreakerDelay = Pause });
        await pool.FailAsync("first");
        await Eventually.HoldsAsync(() => pool.Statistics.StartsPausedUntil is null);
        PromptResult result = await pool.AskAsync("second");

        Assert.Equal("You said: second", result.Text);
        Assert.Equal(4, pool.Agent.Count("start"));
        Assert.Null(pool.Statistics.LastStartFailure);
        AgentEvent[] starts = [.. pool.Agent.Of("start")];
        Assert.True(starts[3].Time - starts[2].Time >= Pause, "The brake did not hold.");
    }
}
