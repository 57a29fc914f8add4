using System.Collections.Concurrent;
using System.Diagnostics;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class UpdateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Updates_come_in_wire_order_and_all_before_the_result(int turnMs)
    {
        await using var pool = new SimulatedPool(new { chunks = 64, turnMs, thought = true });
        var updates = new ConcurrentQueue<PromptUpdate>();
        string prompt = "[[tool read]] [[tool edit]] " + string.Join(' ', Enumerable.Range(0, 200));
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = prompt, OnUpdate = updates.Enqueue });
        PromptUpdate[] seen = [.. updates];

        Assert.Equal("Thought", seen[0].Kind);
        Assert.Equal(["read", "read", "edit", "edit"], seen[1..5].Select(u => u.ToolCall?.Kind));
        Assert.Equal(["in_progress", "completed", "in_progress", "completed"], seen[1..5].Select(u => u.ToolCall?.Status));
        Assert.Equal(64, seen[5..^1].Length);
        Assert.All(seen[5..^1], update => Assert.Equal("Text", update.Kind));
        Assert.Equal("You said: " + prompt, string.Concat(seen[5..^1].Select(u => u.Text)));
        Assert.Equal(("Usage", 1.5), (seen[^1].Kind, seen[^1].ContextPercent));
        Assert.Equal("You said: " + prompt, result.Text);
        Assert.Equal(["read", "edit"], result.ToolCalls.Select(call => call.Kind));
    }

    [Fact]
    public async Task The_time_to_the_first_text_is_measured()
    {
        await using var pool = new SimulatedPool(new { chunks = 4, turnMs = 400 });
        await pool.AskAsync("warm up");
        var firstTold = new TaskCompletionSource<TimeSpan>();
        var watch = Stopwatch.StartNew();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "hello", OnUpdate = update =>
        {
            if (update.Kind == "Text")
                firstTold.TrySetResult(watch.Elapsed);
        } });

        // The agent waits 100 ms before each piece. The time is taken before the first one is delivered.
        Assert.InRange(result.TimeToFirstText!.Value, TimeSpan.FromMilliseconds(80), await firstTold.Task.InTime());
        Assert.True(result.Duration >= TimeSpan.FromMilliseconds(390));
    }

    [Fact]
    public async Task A_late_update_appears_in_no_later_prompt()
    {
        await using var pool = new SimulatedPool(new { close = "none", faults = new[] { new { at = "prompt", @do = "late", ms = 5, text = "LATE" } } });
        var updates = new ConcurrentQueue<PromptUpdate>();
        for (int i = 0; i < 20; i++)
        {
            (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = $"[[sleep 8]] {i}", OnUpdate = updates.Enqueue });
            Assert.Equal($"You said: [[sleep 8]] {i}", result.Text);
        }

        // The late updates did arrive: each turn except the last was over long before the next one ended.
        Assert.DoesNotContain(updates, update => update.Text.Contains("LATE", StringComparison.Ordinal));
        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task A_late_update_of_a_kept_conversation_is_not_part_of_its_next_turn()
    {
        await using var pool = new SimulatedPool();
        using Session conversation = pool.Pool.Sessions.CreateTemporary();
        using var late = new SemaphoreSlim(0);
        using IDisposable log = pool.Pool.Log.Subscribe(e => 
        {
            if (e.Message.Contains("without a running turn", StringComparison.Ordinal))
                late.Release();
        });
        for (int i = 0; i < 5; i++)
        {
            var updates = new ConcurrentQueue<PromptUpdate>();
            PromptResult result = await conversation.PromptAsync(new PromptRequest { Prompt = $"[[late]] {i}", OnUpdate = updates.Enqueue }, TestContext.Current.CancellationToken);
            Assert.Equal($"You said: [[late]] {i}", result.Text);

            // It comes 30 ms after the response. In the next turn of the same session it could not be distinguished.
            Assert.True(await late.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken));
            Assert.DoesNotContain(updates, update => update.Text == "late");
        }
    }

    [Fact]
    public async Task Updates_before_the_session_has_an_id_belong_to_no_prompt()
    {
        await using var pool = new SimulatedPool(new { faults = new[] { new { at = "session/new", @do = "early", text = "EARLY" } } });
        for (int i = 0; i < 3; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);
    }
}
