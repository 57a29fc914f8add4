namespace KiroPool.Engine.Tests.Simulated;

public sealed class PermissionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_that_asks_is_rejected_once_and_the_turn_goes_on(bool legacyPermissionOptions)
    {
        await using var pool = new SimulatedPool(new { legacyPermissionOptions });
        PromptResult result = await pool.AskAsync("[[permission execute]] run it");

        Assert.Equal("You said: [[permission execute]] run it\nPermission: reject_once", result.Text);
        KiroPool.ToolCall call = Assert.Single(result.ToolCalls);
        Assert.Equal(("execute", "failed", "Rejected", "Nobody"), (call.Kind, call.Status, call.Permission, call.DecidedBy));
        Assert.Equal(["reject_once"], pool.Agent.Of("permission").Select(e => e.Answer));
    }

    [Fact]
    public async Task A_tool_without_a_question_shows_no_permission()
    {
        await using var pool = new SimulatedPool();
        KiroPool.ToolCall call = Assert.Single((await pool.AskAsync("[[tool read]]")).ToolCalls);
        Assert.Equal(("completed", null, "Agent"), (call.Status, call.Permission, call.DecidedBy));
    }

    [Fact]
    public async Task A_request_with_the_id_of_the_running_prompt_is_answered_and_ends_nothing()
    {
        await using var pool = new SimulatedPool(new { faults = new[] { new { at = "permission", @do = "collide" } } });
        PromptResult result = await pool.AskAsync("[[permission edit]]");

        Assert.Equal("You said: [[permission edit]]\nPermission: reject_once", result.Text);
        Assert.Equal(0, pool.Agent.Count("unexpected-response"));
    }

    [Fact]
    public async Task A_turn_that_the_agent_cancels_by_itself_has_failed()
    {
        await using var pool = new SimulatedPool();
        Assert.Equal(FailureKind.CancelledByAgent, (await pool.FailAsync("[[cancelled]]")).Kind);
    }
}
