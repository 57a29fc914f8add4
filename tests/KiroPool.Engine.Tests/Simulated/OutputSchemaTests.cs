using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>The JSON Schema of an answer goes with the prompt to agents that announce it, and as words to all others.</summary>
public sealed class OutputSchemaTests
{
    private const string Schema = """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""";

    [Theory]
    [InlineData("text")]
    [InlineData("structured")]
    public async Task An_agent_that_announces_it_gets_the_schema_and_no_instruction(string style)
    {
        await using var pool = new SimulatedPool(new { outputSchema = style });

        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "count", Review = new Review() });

        Assert.Null(failure);
        Assert.Equal(["count"], pool.Agent.Prompts);
        Assert.StartsWith("{\"a\":", result.ValueJson, StringComparison.Ordinal);
        Assert.Equal(result.ValueJson, result.Text);
        Assert.True(result.HasAnswer);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("structured")]
    public async Task A_wrong_answer_of_such_an_agent_is_followed_by_its_faults(string style)
    {
        await using var pool = new SimulatedPool(new { outputSchema = style });

        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "count [[json wrong]]", Review = new Review() });

        Assert.Equal(("Completed", 2), (result.Outcome, result.Attempts));
        Assert.Equal(["count [[json wrong]]", "It does not fit: a is no number."], pool.Agent.Prompts);
    }

    [Fact]
    public async Task Any_other_agent_gets_the_instruction_as_the_last_part()
    {
        await using var pool = new SimulatedPool();

        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "count", Review = new Review() });

        Assert.Equal($"count\n\n{new Review().Instruction}", Assert.Single(pool.Agent.Prompts));
        Assert.StartsWith("{\"a\":", result.ValueJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_without_a_review_carries_no_schema()
    {
        await using var pool = new SimulatedPool(new { outputSchema = "structured" });

        Assert.Equal("You said: count", (await pool.AskAsync("count")).Text);
    }

    private sealed class Review : IAnswerReview
    {
        public string Instruction => $"Answer by this JSON Schema:\n{Schema}";

        public string OutputSchema => Schema;

        public int RetryCount => 2;

        public ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken) => ValueTask.FromResult(
            answer.StartsWith("{\"a\":\"", StringComparison.Ordinal)
                ? new AnswerVerdict { FollowUp = "It does not fit: a is no number.", Failure = new AgentException(FailureKind.InvalidOutput, "no number") }
                : new AnswerVerdict { Value = answer, ValueJson = answer });
    }
}
