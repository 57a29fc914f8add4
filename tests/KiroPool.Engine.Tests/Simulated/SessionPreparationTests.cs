using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class SessionPreparationTests
{
    private static readonly string[] DuringTurn = ["prompt", "session/new", "turn-end"];

    [Fact]
    public async Task The_next_session_is_created_during_the_turn()
    {
        await using var pool = new SimulatedPool(new { sessionMs = 300, turnMs = 400 });
        int sessions = 1;
        for (int i = 0; i < 4; i++)
        {
            // The agent asks during its turn and gets an answer while the next session is being created.
            sessions++;
            var whenBegun = new PermissionPolicy
            {
                Handler = async (_, _) =>
                {
                    await pool.LoggedAsync("session/new", sessions);
                    return PermissionDecision.Allow;
                },
            };
            (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "[[permission execute]]", Permissions = whenBegun });
            Assert.Equal("Allowed", Assert.Single(result.ToolCalls).Permission);
        }

        string[] order = [.. pool.Agent.Events.Select(e => e.Event).Where(e => e is "prompt" or "turn-end" or "session/new")];
        Assert.Equal(["session/new", .. Enumerable.Repeat(DuringTurn, 4).SelectMany(turn => turn)], order);
        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task The_wait_for_a_session_is_reported()
    {
        var toMake = TimeSpan.FromSeconds(2);
        await using var pool = new SimulatedPool(new { sessionMs = toMake.TotalMilliseconds });
        await pool.AskAsync("first");
        DateTime asked = DateTime.UtcNow;
        PromptResult second = await pool.AskAsync("second");

        // The rest of it when the second prompt came.
        TimeSpan left = pool.Agent.Of("session/new")[1].Time + toMake - asked;
        Assert.InRange(second.SessionWait, TimeSpan.FromMilliseconds(1), second.Duration);
        Assert.True(second.QueuedFor + second.SessionWait >= left - TimeSpan.FromMilliseconds(50), $"It says {second.SessionWait.TotalMilliseconds} ms, and {left.TotalMilliseconds} ms were left.");
    }

    [Fact]
    public async Task Sessions_can_be_created_between_turns()
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
    public async Task An_agent_that_does_not_answer_close_gets_a_bounded_number_of_them()
    {
        await using var pool = new SimulatedPool(new { faults = new[] { new { at = "close", @do = "hang" } } }, new PoolOptions { MinSize = 0, MaxUses = 0 });
        for (int i = 0; i < 105; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);

        Assert.Equal((1, 100), (pool.Agent.Count("start"), pool.Agent.Count("close")));
        Assert.Single(pool.Log, entry => entry.Text.Contains("is not answered, so sessions stay open", StringComparison.Ordinal));
    }
}
