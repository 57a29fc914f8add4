using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>The limit belongs to the account: one throttled agent pauses all prompts, and one prompt tries after the pause.</summary>
public sealed class CoolDownTests
{
    private static readonly PoolOptions Four = new() { MinSize = 0, MaxSize = 4, MaxStarting = 4 };

    [Fact]
    public async Task No_prompt_is_sent_during_the_cool_down()
    {
        await using PoolBench bench = await ThrottleAsync(Four);
        Task[] runs = [bench.Run("1"), bench.Run("2"), bench.Run("3")];

        await bench.AdvanceAsync(TimeSpan.FromSeconds(4.9));

        Assert.Equal(["throttled"], bench.Connector.PromptsSeen);
        Assert.DoesNotContain(runs, run => run.IsCompleted);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(0.1));
        await Task.WhenAll(runs).InTime();
    }

    [Fact]
    public async Task Prompts_queued_before_the_cool_down_wait_for_its_end()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1 });
        bench.Connector.OnCreated = agent => agent.ScriptNextTurn(FakeTurn.Throttled);
        bench.Connector.Turns.Close();
        Task first = bench.Run("throttled");
        Task[] queued = [.. Enumerable.Range(0, 5).Select(i => bench.Run($"queued {i}"))];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        bench.Connector.Turns.Open();
        await first.InTime();
        await Eventually.HoldsAsync(() => bench.Statistics.ActiveCount == 1);
        Assert.Equal(["throttled"], bench.Connector.PromptsSeen);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));

        await Task.WhenAll(queued).InTime();
        Assert.Equal(5, bench.Statistics.Completed);
    }

    [Fact]
    public async Task After_the_cool_down_one_prompt_tries_and_the_others_wait()
    {
        await using PoolBench bench = await ThrottleAsync(Four);
        Task[] runs = [bench.Run("1"), bench.Run("2"), bench.Run("3")];
        bench.Connector.Turns.Close();

        await bench.AdvanceAsync(TimeSpan.FromSeconds(20));
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Assert.Equal(2, bench.Connector.PromptsSeen.Count);
        bench.Connector.Turns.Open();

        await Task.WhenAll(runs).InTime();
        Assert.Null(bench.Statistics.CoolDownUntil);
    }

    [Fact]
    public async Task The_cool_down_doubles_when_the_probe_is_throttled_again()
    {
        await using PoolBench bench = await ThrottleAsync(Four);
        bench.Connector.All[0].ScriptNextTurn(FakeTurn.Throttled);
        Task probe = bench.Run("probe");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
        await probe.InTime();

        Assert.Equal(bench.Clock.GetUtcNow() + TimeSpan.FromSeconds(10), bench.Statistics.CoolDownUntil);
        Assert.Equal(bench.Clock.GetLocalNow().Offset, bench.Statistics.CoolDownUntil?.Offset);
        Assert.Equal(2, bench.Statistics.ThrottledCount);
    }

    [Fact]
    public async Task A_prompt_that_ran_when_the_pause_began_and_is_throttled_too_changes_no_pause()
    {
        await using var bench = new PoolBench(Four);
        bench.Connector.OnCreated = agent => agent.ScriptNextTurn(FakeTurn.Throttled);
        bench.Connector.Turns.Close();
        Task first = bench.Run("first");
        Task straggler = bench.Run("straggler");
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 2);
        bench.Connector.Turns.ReleaseFirst();
        await Task.WhenAny(first, straggler).InTime();
        DateTimeOffset? until = bench.Statistics.CoolDownUntil;
        Assert.Equal(bench.Clock.GetUtcNow() + TimeSpan.FromSeconds(5), until);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(2));
        bench.Connector.Turns.ReleaseFirst();
        await Task.WhenAll(first, straggler).InTime();

        Assert.Equal((until, 2L), (bench.Statistics.CoolDownUntil, bench.Statistics.ThrottledCount));
    }

    [Fact]
    public async Task When_the_probe_is_cancelled_another_prompt_tries()
    {
        await using PoolBench bench = await ThrottleAsync(Four);
        bench.Connector.Turns.Close();
        using var cancel = new CancellationTokenSource();
        Task first = bench.Run("first", cancellationToken: cancel.Token);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task second = bench.Run("second");

        await cancel.CancelAsync();
        await first.InTime();
        bench.Connector.Turns.Open();

        await second.InTime();
        Assert.Equal(1, bench.Statistics.Completed);
    }

    [Fact]
    public async Task A_probe_that_no_agent_got_proves_nothing()
    {
        var clock = new FakeTimeProvider();
        var pause = new CoolDown(Four, clock, new PoolLog());
        pause.Throttled();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await pause.EnterAsync(TestContext.Current.CancellationToken));

        pause.Leave(isProbe: true, wasSent: false, wasThrottled: false);
        Assert.True(await pause.EnterAsync(TestContext.Current.CancellationToken));

        pause.Leave(isProbe: true, wasSent: true, wasThrottled: false);
        Assert.False(await pause.EnterAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Time_limit_and_cancel_work_during_the_cool_down()
    {
        await using PoolBench bench = await ThrottleAsync(Four);
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException?)> limited = bench.Run(timeout: TimeSpan.FromSeconds(2));
        Task<(PromptResult Result, AgentException?)> cancelled = bench.Run(cancellationToken: cancel.Token);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(2));
        await cancel.CancelAsync();

        Assert.Equal("TimedOut", (await limited.InTime()).Result.Outcome);
        Assert.Equal("Cancelled", (await cancelled.InTime()).Result.Outcome);
        Assert.Equal(["throttled"], bench.Connector.PromptsSeen);
    }

    private static async Task<PoolBench> ThrottleAsync(PoolOptions options)
    {
        var bench = new PoolBench(options);
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.ScriptNextTurn(FakeTurn.Throttled);
        };
        (PromptResult result, AgentException? failure) = await bench.Run("throttled").InTime();
        Assert.Equal(("Failed", FailureKind.RateLimited), (result.Outcome, failure!.Kind));
        return bench;
    }
}
