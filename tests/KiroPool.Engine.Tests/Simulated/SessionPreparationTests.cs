using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated;

[Collection<Alone>]
public sealed class SessionPreparationTests
{
    [Fact]
    public async Task The_next_session_is_made_during_the_turn()
    {
        await using var pool = new SimulatedPool(new { sessionMs = 300, turnMs = 400 });
        for (int i = 0; i < 4; i++)
        {
            PromptResult result = await pool.AskAsync($"{i}");
            Assert.True(result.SessionWait < TimeSpan.FromMilliseconds(50), $"Prompt {i} waited {result.SessionWait.TotalMilliseconds} ms for its session.");
        }

        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task A_session_that_is_not_ready_is_waited_for_and_reported()
    {
        await using var pool = new SimulatedPool(new { sessionMs = 300 });
        await pool.AskAsync("first");
        PromptResult second = await pool.AskAsync("second");

        Assert.InRange(second.SessionWait, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500));
        Assert.True(second.Duration >= second.SessionWait);
    }

    [Fact]
    public async Task Sessions_can_be_made_between_turns_instead()
    {
        await using var pool = new SimulatedPool(new { sessionMs = 100, turnMs = 200 }, new PoolOptions { MinSize = 0, PrepareSessionDuringTurn = false });
        await pool.AskAsync("first");
        await pool.AskAsync("second");
        await pool.LoggedAsync("session/new", 3);

        // Never a session/new between the start of a turn and its end.
        string[] order = [.. pool.Agent.Events.Select(e => e.Event).Where(e => e is "prompt" or "turn-end" or "session/new")];
        Assert.Equal(["session/new", "prompt", "turn-end", "session/new", "prompt", "turn-end", "session/new"], order);
    }

    [Fact]
    public async Task An_agent_that_answers_no_close_is_not_asked_for_ever()
    {
        await using var pool = new SimulatedPool(new { faults = new[] { new { at = "close", @do = "hang" } } }, new PoolOptions { MinSize = 0, MaxUses = 0 });
        for (int i = 0; i < 105; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);

        Assert.Equal((1, 100), (pool.Agent.Count("start"), pool.Agent.Count("close")));
        Assert.Single(pool.Log, entry => entry.Text.Contains("is not answered; sessions stay open", StringComparison.Ordinal));
    }
}
