namespace KiroPool.Engine.Tests.Simulated;

public sealed class ModelAndAgentTests
{
    [Theory]
    [InlineData("v2", false)]
    [InlineData("v3", true)]
    public async Task The_requested_model_is_set_and_verified_if_the_agent_confirms_it(string engine, bool verified)
    {
        await using var pool = new SimulatedPool(new { engine }, model: "claude-haiku-4.5");
        for (int i = 0; i < 2; i++)
        {
            PromptResult result = await pool.AskAsync($"{i}");
            Assert.Equal(("claude-haiku-4.5", verified), (result.Model, result.ModelVerified));
        }

        Assert.All(pool.Agent.Of("prompt"), e => Assert.Equal("claude-haiku-4.5", e.Model));
    }

    [Theory]
    [InlineData("v2", "kiro_planner")]
    [InlineData("v3", "plan")]
    public async Task The_requested_agent_is_set(string engine, string runs)
    {
        await using var pool = new SimulatedPool(new { engine }, agent: "kiro_planner");
        for (int i = 0; i < 2; i++)
            Assert.Equal(runs, (await pool.AskAsync($"{i}")).Agent);

        Assert.All(pool.Agent.Of("prompt"), e => Assert.Equal(runs, e.Agent));
    }

    [Theory]
    [InlineData("v2", "kiro_default")]
    [InlineData("v3", "vibe")]
    public async Task Without_a_request_the_result_names_the_agents_defaults(string engine, string agent)
    {
        await using var pool = new SimulatedPool(new { engine, currentModel = "claude-sonnet-4.5" });
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal((agent, "claude-sonnet-4.5", true), (result.Agent, result.Model, result.ModelVerified));
        Assert.Equal(0, pool.Agent.Count("set_model"));
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    public async Task An_unknown_model_is_an_error_that_lists_the_models(string engine)
    {
        await using var pool = new SimulatedPool(new { engine }, model: "gpt-9");
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal((FailureKind.ModelNotFound, "gpt-9"), (failure.Kind, failure.Value));
        Assert.Contains("claude-opus-4.5", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Theory]
    [InlineData("v2", "kiro_planner")]
    [InlineData("v3", "quick-spec")]
    public async Task An_unknown_agent_is_an_error_that_lists_the_agents(string engine, string offered)
    {
        await using var pool = new SimulatedPool(new { engine }, agent: "nobody");
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal((FailureKind.AgentNotFound, "nobody"), (failure.Kind, failure.Value));
        Assert.Contains(offered, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task A_model_that_the_agent_reports_as_not_found_is_an_error()
    {
        // It offers no choice, so only the notification of a fall-back refuses the name.
        await using var pool = new SimulatedPool(new { models = Array.Empty<object>() }, model: "gpt-9");
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal((FailureKind.ModelNotFound, "gpt-9"), (failure.Kind, failure.Value));
        Assert.Equal(1, pool.Agent.Count("set_model"));
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task A_silent_change_of_the_model_is_an_error()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", faults = SilentFallBackAt("set_model") }, model: "claude-haiku-4.5");
        Assert.Equal(FailureKind.ModelNotFound, (await pool.FailAsync("hello")).Kind);
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task A_silent_change_of_the_mode_is_an_error()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", faults = SilentFallBackAt("set_mode") }, agent: "kiro_planner");
        Assert.Equal(FailureKind.AgentNotFound, (await pool.FailAsync("hello")).Kind);
        Assert.Equal(0, pool.Agent.Count("prompt"));
    }

    [Fact]
    public async Task An_unconfirmed_model_is_not_verified()
    {
        await using var pool = new SimulatedPool(new { faults = SilentFallBackAt("set_model") }, model: "claude-haiku-4.5");
        Assert.False((await pool.AskAsync("hello")).ModelVerified);
    }

    [Theory]
    [InlineData("v2", "kiro_default")]
    [InlineData("v3", "vibe")]
    public async Task A_session_that_starts_with_another_model_is_corrected(string engine, string agent)
    {
        await using var pool = new SimulatedPool(new { engine, faults = SilentFallBackAt("session/new") }, agent: "kiro_default", model: "auto");
        for (int i = 0; i < 2; i++)
            await pool.AskAsync($"{i}");

        Assert.All(pool.Agent.Of("prompt"), e => Assert.Equal((agent, "auto"), (e.Agent, e.Model)));
    }

    [Fact]
    public async Task A_missing_sign_in_is_an_error()
    {
        await using var pool = new SimulatedPool(new { signedIn = false });
        Assert.Equal(FailureKind.SignInRequired, (await pool.FailAsync("hello")).Kind);
    }

    private static object[] SilentFallBackAt(string step) => [new { at = step, @do = "silentFallback" }];
}
