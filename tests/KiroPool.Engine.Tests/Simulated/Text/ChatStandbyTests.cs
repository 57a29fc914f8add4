using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>Chat processes that start ahead and wait for their prompt.</summary>
public sealed class ChatStandbyTests
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 3, MaxStarting = 3, StopGrace = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Processes_are_started_ahead_and_wait_for_their_prompt()
    {
        await using var pool = new SimulatedPool(new { startMs = 400 }, Quick with { MinSize = 1 }, protocol: AgentProtocol.Chat);
        await pool.Pool.WarmAsync().InTime();
        for (int i = 0; i < 3; i++)
        {
            await pool.LoggedAsync("start", i + 1);
            await pool.IdleAsync(1);
            int? waiting = Assert.Single(pool.Statistics.Processes).ProcessId;
            PromptResult result = await pool.AskAsync($"{i}");
            Assert.Equal((waiting, false), (result.ProcessId, result.Reused));
        }

        Assert.Equal((3L, 0L), (pool.Statistics.CacheHits, pool.Statistics.CacheMisses));
        await pool.IdleAsync(1);
    }

    [Fact]
    public async Task During_a_prompt_the_next_process_starts_up_to_the_minimum()
    {
        await using var pool = new SimulatedPool(new { turnMs = 800 }, Quick with { MinSize = 1 }, protocol: AgentProtocol.Chat);
        await pool.Pool.WarmAsync().InTime();
        Task<PromptResult> running = pool.AskAsync("first");
        await Eventually.HoldsAsync(() => pool.Statistics is { ActiveCount: 1, IdleCount: 1 });
        await running;
        await pool.IdleAsync(1);

        Assert.Equal(2, pool.Statistics.ProcessesCreated);
    }

    [Fact]
    public async Task Without_a_minimum_no_process_starts_ahead()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => pool.AskAsync($"{i}")));
        await pool.IdleAsync(0);

        Assert.Equal(4, pool.Statistics.ProcessesCreated);
    }

    [Fact]
    public async Task A_process_that_died_while_waiting_is_replaced_silently()
    {
        await using var pool = new SimulatedPool(protocol: AgentProtocol.Chat, options: Quick with { MinSize = 1 });
        await pool.Pool.WarmAsync().InTime();
        await pool.LoggedAsync("start");
        int first = pool.Statistics.Processes.Single().ProcessId!.Value;
        await LiveProcesses.EndAsync(first);
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal("You said: hello", result.Text);
        Assert.NotEqual(first, result.ProcessId);
        Assert.Equal(["hello"], pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_process_ended_unused_by_the_pool_does_not_delay_the_next_start()
    {
        await using var pool = new SimulatedPool(
            protocol: AgentProtocol.Chat, options: Quick with { IdleTimeout = TimeSpan.FromSeconds(2), SweepInterval = TimeSpan.FromMilliseconds(100) });
        (await pool.Pool.RentAsync(pool.Agent.Spec, CancellationToken.None).AsTask().InTime()).Return();
        await pool.IdleAsync(0);
        PromptResult result = await pool.AskAsync("hello");

        // As an early death it would cause this start to be watched for more than four seconds.
        Assert.Equal(1, pool.Statistics.EndedBy["Idle"]);
        Assert.True(result.QueuedFor < TimeSpan.FromSeconds(4), $"It waited {result.QueuedFor.TotalMilliseconds} ms.");
    }

    [Fact]
    public async Task Processes_that_end_at_once_are_not_restarted_for_ever()
    {
        await using var pool = new SimulatedPool(
            new { faults = new[] { new { at = "start", @do = "crash", text = "no licence", code = 7 } } },
            Quick with { MinSize = 2, BreakerDelay = TimeSpan.FromSeconds(30) }, protocol: AgentProtocol.Chat);
        _ = pool.Pool.WarmAsync();
        await Eventually.HoldsAsync(() => pool.Statistics.StartsPausedUntil is not null);
        await pool.IdleAsync(0);
        long created = pool.Statistics.ProcessesCreated;

        Assert.InRange(created, 3, 8);
        Assert.Contains("no licence", pool.Statistics.LastStartFailure, StringComparison.Ordinal);
        Assert.Equal(FailureKind.AgentKeepsFailing, (await pool.FailAsync("hello")).Kind);
        await Task.Delay(500);
        Assert.Equal(created, pool.Statistics.ProcessesCreated);
    }
}
