using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.V3;

/// <summary>Failures of V3, which all have one code: the kind of each, and that a useful process is kept.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("[[ratelimit]]", FailureKind.RateLimited)]
    [InlineData("[[failure UsageError CLIENT_ERROR You've reached your monthly usage limit.]]", FailureKind.QuotaExceeded)]
    [InlineData("[[failure ContextWindowExceededError CLIENT_ERROR The conversation is too long.]]", FailureKind.AgentError)]
    [InlineData("[[failure SessionNotFoundError CLIENT_ERROR Session 'x' not found]]", FailureKind.SessionLost)]
    [InlineData("[[error something broke]]", FailureKind.AgentError)]
    public async Task A_failed_turn_names_its_reason_and_its_process_is_kept(string prompt, FailureKind kind)
    {
        await using var pool = new SimulatedPool(new { engine = "v3" }, new PoolOptions { MinSize = 0, CoolDownDelay = TimeSpan.FromMilliseconds(10) });
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt });
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal(("Failed", kind), (result.Outcome, failure!.Kind));
        Assert.DoesNotContain("errorType", failure.Message, StringComparison.Ordinal);
        Assert.Equal(result.ProcessId, next.ProcessId);
        Assert.Equal(kind == FailureKind.RateLimited ? 1 : 0, pool.Statistics.ThrottledCount);
    }

    [Fact]
    public async Task An_expired_token_wants_a_sign_in_and_ends_the_process()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        PromptResult first = await pool.AskAsync("first");
        AgentException failure = await pool.FailAsync("[[failure TokenExpiredError CLIENT_ERROR The token has expired.]]");
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
        Assert.NotEqual(first.ProcessId, next.ProcessId);
    }

    [Theory]
    [InlineData("[[only-error BedrockError CLIENT_ERROR The service said no.]]", FailureKind.AgentError)]
    [InlineData("[[only-error ThrottlingError CLIENT_ERROR Slow down.]]", FailureKind.RateLimited)]
    public async Task A_turn_whose_only_trace_is_a_displayed_error_is_failed(string prompt, FailureKind kind)
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt });

        Assert.Equal(("Failed", kind), (result.Outcome, failure!.Kind));
    }

    [Fact]
    public async Task A_turn_that_fails_after_a_part_of_the_answer_is_failed_and_keeps_that_part()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "[[fails BedrockError SERVER_ERROR The service broke off.]] hello" });

        Assert.Equal(("Failed", FailureKind.AgentError), (result.Outcome, failure!.Kind));
        Assert.Contains("The service broke off.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("hello", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_call_before_a_displayed_error_is_not_an_answer()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });

        Assert.Equal(FailureKind.AgentError, (await pool.FailAsync("[[tool read]] [[only-error BedrockError CLIENT_ERROR The service said no.]]")).Kind);
    }

    [Fact]
    public async Task An_error_of_an_MCP_server_fails_no_turn()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        PromptResult result = await pool.AskAsync("[[error-besides mcp_connection_error CLIENT_ERROR MCP server x requires authorization.]] hello");

        Assert.Equal("Completed", result.Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_throttling_notice_concerns_its_session_or_all_and_a_later_success_counts(bool noticesNameSession)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { noticesNameSession } });

        Assert.Equal("Completed", (await pool.AskAsync("[[throttled]] hello")).Outcome);
        Assert.Equal(FailureKind.SignInRequired, (await pool.FailAsync("[[throttled]] [[failure TokenInvalidError CLIENT_ERROR Bad token.]]")).Kind);
        Assert.Equal(FailureKind.RateLimited, (await pool.FailAsync("[[throttled]] [[error it broke]]")).Kind);
    }

    [Fact]
    public async Task A_failure_after_a_refused_token_request_names_the_remedy()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0 }, new AgentSpec { Executable = agent.Spec.Executable, Arguments = ["acp"], WorkingDirectory = agent.Folder, Environment = agent.Spec.Environment });
        (PromptResult _, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello" }, TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.SignInRequired, failure!.Kind);
        Assert.Contains("--auth-method cli", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--auth-method", failure.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("kiro-cli login", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_sign_in_the_start_fails_with_that_reason()
    {
        await using var early = new SimulatedPool(new { engine = "v3", signedIn = false });
        await using var later = new SimulatedPool(new { engine = "v3", version = "3.2.0", signedIn = false });

        Assert.Equal(FailureKind.SignInRequired, (await early.FailAsync("hello")).Kind);
        Assert.Equal(FailureKind.SignInRequired, (await later.FailAsync("hello")).Kind);
    }
}
