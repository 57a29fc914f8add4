namespace KiroPool.Engine.Tests.Conformance;

/// <summary>The SDK sends errors in several shapes. The user gets the most specific text.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("text", "The agent failed to answer the prompt: the disk is full.")]
    [InlineData("object", "The agent failed to answer the prompt: the index is broken.")]
    // An uncaught exception: the SDK puts its text into data.details.
    [InlineData("thrown", "The agent failed to answer the prompt: a null was dereferenced.")]
    [InlineData("bare", "The agent failed to answer the prompt: Internal error.")]
    [InlineData("empty", "The agent failed to answer the prompt: Internal error.")]
    // Data that is no text explains the message; it does not replace it.
    [InlineData("other", "The agent failed to answer the prompt: Internal error ({\"step\":7}).")]
    [InlineData("session", "The agent failed to answer the prompt: Resource not found ({\"sessionId\":\"gone\"}).")]
    public async Task The_most_specific_error_text_is_the_message(string how, string message)
    {
        await using var bench = new ConformanceBench();

        PromptFailedException failure = await bench.FailAsync("fail " + how);

        Assert.Equal((FailureKind.AgentError, "Failed", message), (failure.Kind, failure.Result.Outcome, failure.Message));
    }

    [Fact]
    public async Task The_process_of_a_failed_turn_runs_the_next_prompt()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException failure = await bench.FailAsync("fail text");
        PromptResult next = await bench.RunAsync("history");

        Assert.Equal((failure.Result.ProcessId, "history"), (next.ProcessId, next.Text));
        Assert.Equal(1, bench.Pool.GetStatistics().ProcessesCreated);
    }

    [Fact]
    public async Task A_failed_prompt_is_not_repeated_by_default()
    {
        await using var bench = new ConformanceBench();

        await bench.FailAsync("fail text");

        Assert.Equal(2, (await bench.AskAsync("journal")).GetProperty("prompts").GetInt32());
    }

    [Fact]
    public async Task A_signed_out_agent_is_reported_and_replaced()
    {
        await using var bench = new ConformanceBench();

        PromptFailedException failure = await bench.FailAsync("fail auth");
        PromptResult next = await bench.RunAsync("stream hello");

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
        Assert.NotEqual(failure.Result.ProcessId, next.ProcessId);
    }
}
