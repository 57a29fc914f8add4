using System.Diagnostics;
using System.Text.Json;
using KiroPool.Engine.Pooling;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>A cancelled turn of an agent on the official SDK ends, and the agent continues to serve.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task A_cancelled_turn_is_answered_and_its_process_runs_the_next_prompt()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException cancelled = await bench.CancelAsync("slow");
        PromptResult next = await bench.RunAsync("journal");

        Assert.Equal((FailureKind.PromptCancelled, "Cancelled", "Started."), (cancelled.Kind, cancelled.Result.Outcome, cancelled.Result.Text));
        Assert.Equal((cancelled.Result.ProcessId, true), (next.ProcessId, next.Reused));
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(next.Text).GetProperty("cancels").GetInt32());
        Assert.Equal((1, 1, 1), Count(bench.Pool.GetStatistics()));
    }

    [Fact]
    public async Task Twenty_cancelled_turns_in_a_row_cost_no_process()
    {
        await using var bench = new ConformanceBench();

        for (int i = 0; i < 20; i++)
            Assert.Equal("Started.", (await bench.CancelAsync("slow")).Result.Text);
        JsonElement journal = await bench.AskAsync("journal");

        Assert.Equal(20, journal.GetProperty("cancels").GetInt32());
        Assert.Equal((1, 20, 1), Count(bench.Pool.GetStatistics()));
    }

    [Fact]
    public async Task A_timed_out_prompt_is_also_cancelled_at_the_agent()
    {
        var clock = new FakeTimeProvider();
        var limit = TimeSpan.FromSeconds(5);
        await using var bench = new ConformanceBench(time: clock);

        PromptFailedException late = await bench.FailAsync("slow", onUpdate: _ => clock.Advance(limit), timeout: limit);
        PromptResult next = await bench.RunAsync("journal");

        Assert.Equal((FailureKind.PromptTimedOut, "TimedOut"), (late.Kind, late.Result.Outcome));

        // Text that the agent sends after the cancel may be part of the answer or come too late.
        Assert.StartsWith("Started.", late.Result.Text, StringComparison.Ordinal);
        Assert.Equal(late.Result.ProcessId, next.ProcessId);
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(next.Text).GetProperty("cancels").GetInt32());
    }

    [Fact]
    public async Task A_stopped_pool_needs_no_signal_to_end_the_agent()
    {
        // Longer than the test may take: the agent ends because its input does, or the test fails.
        await using var bench = new ConformanceBench(new PoolOptions { MaxSize = 1, MinSize = 0, StopGrace = TimeSpan.FromMinutes(5) });
        PromptResult result = await bench.RunAsync("stream hello");

        await bench.Pool.StopAsync(PoolStopMode.Drain).InTime();

        Assert.Empty(bench.Pool.GetStatistics().Processes);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(result.ProcessId!.Value));
    }

    private static (long Created, long Cancelled, long Completed) Count(PoolStatistics statistics) =>
        (statistics.ProcessesCreated, statistics.Cancelled, statistics.Completed);
}
