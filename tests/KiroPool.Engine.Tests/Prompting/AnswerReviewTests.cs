using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Prompting;

/// <summary>An agent is asked again, within one prompt, while its answers are rejected.</summary>
public sealed class AnswerReviewTests
{
    [Fact]
    public async Task A_rejected_answer_is_followed_by_its_faults_in_the_same_session()
    {
        await using var bench = new PoolBench();
        var review = new Review { Rejects = 1 };

        (PromptResult result, AgentException? failure) = await RunAsync(bench, review);

        Assert.Null(failure);
        Assert.Equal(["hello\n\nanswer well", "fault 1"], bench.Connector.PromptsSeen);
        Assert.Equal(("Completed", 2, "value", "{}"), (result.Outcome, result.Attempts, result.Value, result.ValueJson));
        Assert.Equal("hello", result.Prompt);
        Assert.Equal(["You said: hello\n\nanswer well", "You said: fault 1"], review.Answers);
        Assert.Single(bench.Connector.Transcripts);
        Assert.Equal(1, bench.Statistics.Completed);
    }

    [Fact]
    public async Task The_costs_of_all_turns_are_summed_and_the_last_turn_tells_the_use_of_the_context()
    {
        await using var bench = new PoolBench();
        bench.Connector.Meter = new TurnMeter { Credits = 0.25m, ContextPercent = 7, AgentTime = TimeSpan.FromSeconds(2), InputTokens = 100, OutputTokens = 10, CachedReadTokens = 3, Cost = 0.01m, CostCurrency = "USD" };

        (PromptResult result, _) = await RunAsync(bench, new Review { Rejects = 2 });

        Assert.Equal((3, 0.75m, 7.0, TimeSpan.FromSeconds(6)), (result.Attempts, result.Credits, result.ContextPercent, result.AgentDuration));
        Assert.Equal((300, 30, 9, null), (result.InputTokens, result.OutputTokens, result.CachedReadTokens, result.CachedWriteTokens));
        Assert.Equal((0.03m, "USD"), (result.Cost, result.CostCurrency));
        Assert.Equal("0.75 credits, 0.03 USD, 300 input and 30 output tokens", bench.Statistics.Spending.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_the_last_retry_the_prompt_fails_with_the_last_faults_and_the_last_text(int retries)
    {
        await using var bench = new PoolBench();

        (PromptResult result, AgentException? failure) = await RunAsync(bench, new Review { Rejects = 100, RetryCount = retries });

        Assert.Equal((FailureKind.InvalidOutput, $"rejected {retries + 1}"), (failure!.Kind, failure.Message));
        Assert.Equal(("Failed", retries + 1), (result.Outcome, result.Attempts));
        Assert.StartsWith(retries == 0 ? "You said: hello" : $"You said: fault {retries}", result.Text, StringComparison.Ordinal);
        Assert.Null(result.Value);
        Assert.Equal(retries + 1, bench.Connector.PromptsSeen.Count);
        Assert.Equal(1, bench.Statistics.Failed);
    }

    [Fact]
    public async Task A_rejection_without_a_follow_up_ends_the_prompt()
    {
        await using var bench = new PoolBench();

        (_, AgentException? failure) = await RunAsync(bench, new Review { Rejects = 100, HasFollowUp = false });

        Assert.Equal(FailureKind.InvalidOutput, failure!.Kind);
        Assert.Single(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task The_time_limit_covers_all_turns()
    {
        await using var bench = new PoolBench();
        var review = new Review { Rejects = 1, OnReview = _ => bench.Connector.Turns.Close() };
        Task<(PromptResult Result, AgentException? Failure)> run = RunAsync(bench, review, timeout: TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        (PromptResult result, AgentException? failure) = await run.InTime();

        Assert.Equal(("TimedOut", 2, FailureKind.PromptTimedOut), (result.Outcome, result.Attempts, failure!.Kind));
    }

    [Fact]
    public async Task A_follow_up_waits_for_the_end_of_a_cool_down()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, CoolDownDelay = TimeSpan.FromSeconds(5) });
        FakeConnection[] idle = await bench.MakeIdleAsync(2);
        var review = new Review
        {
            Rejects = 1,
            OnReviewAsync = async () =>
            {
                idle[0].ScriptNextTurn(FakeTurn.Throttled);
                Assert.Equal("Failed", (await bench.Run("other")).Result.Outcome);
            },
        };
        Task<(PromptResult Result, AgentException? Failure)> run = RunAsync(bench, review);
        await Eventually.HoldsAsync(() => bench.Statistics.ThrottledCount == 1);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.DoesNotContain("fault 1", bench.Connector.PromptsSeen);

        await bench.AdvanceAsync(TimeSpan.FromSeconds(2));
        (PromptResult result, _) = await run.InTime();

        Assert.Equal(("Completed", 2), (result.Outcome, result.Attempts));
        Assert.Null(bench.Statistics.CoolDownUntil);
    }

    [Fact]
    public async Task A_throttled_follow_up_pauses_the_pool_and_fails_the_prompt()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(1);

        (PromptResult result, AgentException? failure) = await RunAsync(bench, new Review { Rejects = 1, OnReview = _ => idle[0].ScriptNextTurn(FakeTurn.Throttled) });

        Assert.Equal(("Failed", 2, FailureKind.RateLimited), (result.Outcome, result.Attempts, failure!.Kind));
        Assert.Equal(1, bench.Statistics.ThrottledCount);
    }

    [Fact]
    public async Task Another_agent_gets_the_question_the_answer_and_the_faults_if_the_first_has_died()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(1);

        (PromptResult result, _) = await RunAsync(bench, new Review { Rejects = 1, OnReview = _ => idle[0].ScriptNextTurn(FakeTurn.DiesUnseen) });

        Assert.Equal(("Completed", 2, 1002), (result.Outcome, result.Attempts, result.ProcessId));
        Assert.Equal(["hello\n\nanswer well", "hello\n\nanswer well\n\nYou have answered before:\n\nYou said: hello\n\nanswer well\n\nfault 1"], bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task An_agent_that_dies_in_a_follow_up_leaves_the_prompt_indeterminate()
    {
        await using var bench = new PoolBench();
        FakeConnection[] idle = await bench.MakeIdleAsync(1);

        (PromptResult result, _) = await RunAsync(bench, new Review { Rejects = 1, OnReview = _ => idle[0].ScriptNextTurn(FakeTurn.DiesInTurn) });

        Assert.Equal(("Indeterminate", 2), (result.Outcome, result.Attempts));
        Assert.StartsWith("You said: hello", result.Text, StringComparison.Ordinal);
        Assert.Equal(2, bench.Connector.PromptsSeen.Count);
    }

    [Fact]
    public async Task An_agent_without_memory_gets_the_whole_question_again()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent => agent.MostConversations = 0;

        (PromptResult result, _) = await RunAsync(bench, new Review { Rejects = 1 });

        Assert.Equal(2, result.Attempts);
        Assert.StartsWith("hello\n\nanswer well\n\nYou have answered before:", bench.Connector.PromptsSeen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_session_is_asked_again_in_its_own_conversation()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.GetOrCreate("s");

        await bench.Pool.PromptAsync(new PromptRequest { Prompt = "hello", Review = new Review { Rejects = 1 } }, session).InTime();
        await bench.Pool.PromptAsync(new PromptRequest { Prompt = "next" }, session).InTime();

        Assert.Equal(["hello\n\nanswer well", "fault 1", "next"], Assert.Single(bench.Connector.Transcripts).Value);
        Assert.Equal(2, session.Turns);
    }

    [Fact]
    public async Task A_review_that_throws_fails_the_prompt()
    {
        await using var bench = new PoolBench();

        (PromptResult result, AgentException? failure) = await RunAsync(bench, new Review { OnReview = _ => throw new InvalidOperationException("no") });

        Assert.Equal(("Failed", FailureKind.InvalidOutput, "The answer could not be checked: no"), (result.Outcome, failure!.Kind, failure.Message));
    }

    [Fact]
    public async Task A_cancel_ends_a_review()
    {
        await using var bench = new PoolBench();
        using var cancel = new CancellationTokenSource();
        var review = new Review { Rejects = 1, OnReview = _ => cancel.Cancel() };

        (PromptResult result, _) = await bench.Pool.RunAsync(new PromptRequest { Prompt = "hello", Review = review }, cancel.Token).InTime();

        Assert.Equal("Cancelled", result.Outcome);
        Assert.Single(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task A_review_that_ignores_a_cancel_is_followed_by_no_turn()
    {
        await using var bench = new PoolBench();
        using var cancel = new CancellationTokenSource();
        var review = new Review { Rejects = 1, IgnoresCancel = true, OnReview = _ => cancel.Cancel() };

        (PromptResult result, _) = await bench.Pool.RunAsync(new PromptRequest { Prompt = "hello", Review = review }, cancel.Token).InTime();

        Assert.Equal("Cancelled", result.Outcome);
        Assert.Single(bench.Connector.PromptsSeen);
    }

    private static Task<(PromptResult Result, AgentException? Failure)> RunAsync(PoolBench bench, Review review, TimeSpan timeout = default) =>
        bench.Pool.RunAsync(new PromptRequest { Prompt = "hello", Review = review, Timeout = timeout }, CancellationToken.None).InTime();

    /// <summary>Rejects some answers and accepts the next one.</summary>
    private sealed class Review : IAnswerReview
    {
        private int _reviewed;

        public int Rejects { get; init; }

        public bool HasFollowUp { get; init; } = true;

        public Action<string>? OnReview { get; init; }

        public bool IgnoresCancel { get; init; }

        public Func<Task>? OnReviewAsync { get; init; }

        public List<string> Answers { get; } = [];

        public string Instruction => "answer well";

        public string OutputSchema => "{}";

        public int RetryCount { get; init; } = 2;

        public async ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken)
        {
            Answers.Add(answer);
            OnReview?.Invoke(answer);
            if (++_reviewed > Rejects)
                return new AnswerVerdict { Value = "value", ValueJson = "{}" };
            if (OnReviewAsync is { } first)
                await first();
            if (!IgnoresCancel)
                cancellationToken.ThrowIfCancellationRequested();
            return new AnswerVerdict { FollowUp = HasFollowUp ? $"fault {_reviewed}" : null, Failure = new AgentException(FailureKind.InvalidOutput, $"rejected {_reviewed}") };
        }
    }
}
