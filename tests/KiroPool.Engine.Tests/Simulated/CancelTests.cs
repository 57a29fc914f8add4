using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

[Collection<Alone>]
public sealed class CancelTests
{
    // tests/Benchmarks measures the delay.
    [Fact]
    public async Task The_agent_gets_one_cancel_during_the_turn()
    {
        // A turn of five minutes: only the cancel can end it.
        await using var pool = new SimulatedPool(new { turnMs = 300_000, chunks = 30_000 });
        for (int i = 0; i < 11; i++)
        {
            await CancelAsync(pool, $"{i}", i + 1);
            await pool.IdleAsync(1);
        }

        Assert.Equal(Enumerable.Range(0, 11).SelectMany(i => (string[])[$"prompt {i}", "cancel", "turn-end cancelled"]), Order(pool));
        Assert.Equal(pool.Agent.Of("prompt").Select(e => e.SessionId), pool.Agent.Of("cancel").Select(e => e.SessionId));
        Assert.Equal(11, pool.Statistics.Cancelled);
        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task A_cancelled_prompt_keeps_its_partial_text()
    {
        await using var pool = new SimulatedPool(new { turnMs = 5000, chunks = 50 });
        using var cancel = new CancellationTokenSource();
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "a long story", OnUpdate = _ => cancel.Cancel() }, cancel.Token);

        Assert.Equal(("Cancelled", FailureKind.PromptCancelled), (result.Outcome, failure!.Kind));
        Assert.True(result.Text.Length > 0 && "You said: a long story".StartsWith(result.Text, StringComparison.Ordinal), $"'{result.Text}'");
    }

    [Fact]
    public async Task An_agent_is_leased_again_only_after_the_cancelled_turn_has_ended()
    {
        // The agent takes 300 ms to obey.
        await using var pool = new SimulatedPool(
            new { turnMs = 20_000, chunks = 500, faults = new[] { new { at = "cancel", @do = "slow", ms = 300 } } },
            new PoolOptions { MinSize = 0, MaxSize = 1 });
        await CancelAsync(pool, "first", 1);
        PromptResult second = await pool.AskAsync("[[sleep 1]] second");

        Assert.True(second.Reused);
        Assert.Equal(["prompt first", "cancel", "turn-end cancelled", "prompt [[sleep 1]] second"], Order(pool)[..4]);
        Assert.Equal(0, pool.Agent.Count("prompt-refused"));
    }

    [Fact]
    public async Task A_session_is_closed_only_after_its_cancelled_turn_has_ended()
    {
        // The agent takes 300 ms to obey.
        await using var pool = new SimulatedPool(new { turnMs = 20_000, chunks = 500, faults = new[] { new { at = "cancel", @do = "slow", ms = 300 } } });
        await CancelAsync(pool, "first", 1);
        await pool.LoggedAsync("close");

        Assert.Equal(["cancel", "turn-end", "close"], pool.Agent.Events.Select(e => e.Event).Where(e => e is "cancel" or "turn-end" or "close"));
    }

    [Fact]
    public async Task An_agent_that_ignores_a_cancel_is_ended_after_its_grace_and_replaced()
    {
        using var lateness = new MachineLateness();
        TimeSpan grace = TimeSpan.FromMilliseconds(400);
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, MaxSize = 1, CancelGrace = grace });
        DateTime asked = await CancelAsync(pool, "[[deaf]]", 1);
        PromptResult next = await pool.AskAsync("next");
        DateTime givenUp = pool.Log.First(e => e.Text.Contains("did not end a cancelled turn", StringComparison.Ordinal)).Time;

        lateness.AssertKept(grace, givenUp - asked, "the grace");
        Assert.False(next.Reused);
        Assert.Equal(2, pool.Agent.Count("start"));
        Assert.Equal(1, pool.Statistics.EndedBy["Died"] + pool.Statistics.EndedBy.GetValueOrDefault("NotSettled"));
    }

    [Fact]
    public async Task A_prompt_cancelled_while_it_waits_reaches_no_agent()
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 0, MaxSize = 1 });
        using var enough = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> running = pool.RunAsync(new PromptRequest { Prompt = "[[hang]]" }, enough.Token);
        await pool.LoggedAsync("prompt");
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> waiting = pool.RunAsync(new PromptRequest { Prompt = "second" }, cancel.Token);
        await cancel.CancelAsync();

        Assert.Equal("Cancelled", (await waiting).Result.Outcome);
        await enough.CancelAsync();
        await running;
        Assert.Equal("You said: third", (await pool.AskAsync("third")).Text);
        Assert.Equal(["[[hang]]", "third"], pool.Agent.Prompts);
    }

    /// <summary>Runs a prompt, cancels it as soon as the agent has seen it, and returns the time.</summary>
    private static async Task<DateTime> CancelAsync(SimulatedPool pool, string prompt, int number)
    {
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> run = pool.RunAsync(new PromptRequest { Prompt = prompt }, cancel.Token);
        await pool.LoggedAsync("prompt", number);
        DateTime now = DateTime.UtcNow;
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await run).Result.Outcome);
        return now;
    }

    private static string[] Order(SimulatedPool pool) =>
        [.. pool.Agent.Events.Where(e => e.Event is "prompt" or "cancel" or "turn-end").Select(e => $"{e.Event} {e.Text}".Trim())];
}
