namespace KiroPool.Engine.Tests.Simulated.Text;

/// <summary>Chat with a kiro-cli that answers in JSON, one event per line.</summary>
public sealed class StreamJsonTests
{
    private static SimulatedPool Start(object settings) => new(settings, protocol: AgentProtocol.Chat);

    [Theory]
    [InlineData("""{ "version": "2.27.1" }""")]
    [InlineData("""{ "version": "2.27.1", "engine": "v3", "engineFlag": false }""")]
    [InlineData("""{ "version": "2.27.1", "stdoutNoise": true, "finalTextChars": 3 }""")]
    public async Task The_answer_is_made_of_the_chunks_and_other_lines_are_ignored(string settings)
    {
        await using SimulatedPool pool = Start(System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(settings));
        PromptResult result = await pool.AskAsync("Grüße, 世界 😀");

        Assert.Equal(("You said: Grüße, 世界 😀", "end_turn", 0.05m), (result.Text, result.StopReason, result.Credits));
        Assert.NotNull(result.SessionId);
        Assert.Contains("--output-format=stream-json", Assert.Single(pool.Agent.Of("start")).Text!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[error Too many requests]]", FailureKind.RateLimited)]
    [InlineData("[[error You've reached your monthly usage limit.]]", FailureKind.QuotaExceeded)]
    [InlineData("[[error it broke]]", FailureKind.AgentError)]
    [InlineData("[[crash]]", FailureKind.AgentDied)]
    public async Task A_failure_is_recognized_by_its_event(string prompt, FailureKind kind)
    {
        await using SimulatedPool pool = Start(new { version = "2.27.1" });

        Assert.Equal(kind, (await pool.FailAsync(prompt)).Kind);
    }

    [Fact]
    public async Task A_device_login_that_waits_is_a_missing_sign_in_at_once()
    {
        await using SimulatedPool pool = Start(new { version = "2.29.0", signedIn = false, deviceLogin = true, apiKeyExpired = false });
        pool.Agent.Spec.Environment.TryGetValue("KIRO_API_KEY", out _);

        Assert.Equal(FailureKind.SignInRequired, (await pool.FailAsync("hello")).Kind);
    }

    [Fact]
    public async Task A_kiro_cli_without_stream_json_answers_in_plain_text()
    {
        await using SimulatedPool pool = Start(new { version = "2.12.0" });

        Assert.Equal("You said: hello", (await pool.AskAsync("hello")).Text);
        Assert.DoesNotContain("stream-json", Assert.Single(pool.Agent.Of("start")).Text!, StringComparison.Ordinal);
    }
}
