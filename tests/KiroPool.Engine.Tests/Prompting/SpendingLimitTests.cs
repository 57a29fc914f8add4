using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Prompting;

/// <summary>No turn is sent once the reported costs have reached a limit.</summary>
public sealed class SpendingLimitTests
{
    private static readonly TurnMeter Half = new() { Credits = 0.5m, Cost = 0.02m, CostCurrency = "USD", InputTokens = 40, OutputTokens = 10 };

    public static TheoryData<string> Limits => ["credits", "cost", "tokens"];

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_prompt_over_the_limit_is_never_sent(string what)
    {
        await using var bench = new PoolBench();
        bench.Connector.Meter = Half;
        SpendingLimit limit = Limit(what);

        Assert.Equal("Completed", (await RunAsync(bench, limit)).Result.Outcome);
        Assert.Equal("Completed", (await RunAsync(bench, limit)).Result.Outcome);
        (PromptResult result, AgentException? failure) = await RunAsync(bench, limit);

        Assert.Equal(("Failed", 0, null), (result.Outcome, result.Attempts, result.ProcessId));
        Assert.Equal(FailureKind.BudgetExceeded, failure!.Kind);
        Assert.EndsWith("The prompt was not sent.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, bench.Connector.PromptsSeen.Count);
        Assert.Equal("Completed", (await RunAsync(bench, new SpendingLimit())).Result.Outcome);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task The_limit_of_a_pool_holds_for_all_its_prompts(string what)
    {
        SpendingLimit limit = Limit(what);
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxCredits = limit.MaxCredits, MaxCost = limit.MaxCost, MaxTokens = limit.MaxTokens });
        bench.Connector.Meter = Half;

        await bench.Run();
        await bench.Pool.PromptAsync(new PromptRequest { Prompt = "in a session" }, bench.Pool.Sessions.GetOrCreate("s")).InTime();
        int starts = bench.Connector.StartCount;
        (_, AgentException? failure) = await bench.Run();

        Assert.Equal(FailureKind.BudgetExceeded, failure!.Kind);
        Assert.Equal(2, bench.Connector.PromptsSeen.Count);
        Assert.Equal(starts, bench.Connector.StartCount);
        Assert.Equal("1 credit, 0.04 USD, 80 input and 20 output tokens", bench.Statistics.Spending.ToString());
    }

    [Fact]
    public async Task A_prompt_that_waited_for_an_agent_is_not_sent_if_the_limit_was_reached_meanwhile()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 1, MaxStarting = 1 });
        bench.Connector.Meter = Half;
        bench.Connector.Turns.Close();
        var limit = new SpendingLimit { MaxCredits = 0.5m };
        Task<(PromptResult Result, AgentException? Failure)> first = RunAsync(bench, limit);
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        Task<(PromptResult Result, AgentException? Failure)> second = RunAsync(bench, limit);

        bench.Connector.Turns.Open();

        Assert.Equal("Completed", (await first.InTime()).Result.Outcome);
        Assert.Equal(FailureKind.BudgetExceeded, (await second.InTime()).Failure!.Kind);
        Assert.Single(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task Running_prompts_end_normally_when_the_limit_is_reached()
    {
        await using var bench = new PoolBench();
        bench.Connector.Meter = Half;
        bench.Connector.Turns.Close();
        var limit = new SpendingLimit { MaxCredits = 0.5m };
        Task<(PromptResult Result, AgentException? Failure)>[] running = [.. Enumerable.Range(0, 3).Select(_ => RunAsync(bench, limit))];
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 3);

        bench.Connector.Turns.Open();

        Assert.All(await Task.WhenAll(running).InTime(), one => Assert.Equal("Completed", one.Result.Outcome));
        Assert.Equal(1.5m, limit.Spent.Credits);
    }

    [Fact]
    public async Task A_rejected_answer_is_the_last_one_when_the_limit_is_reached()
    {
        await using var bench = new PoolBench();
        bench.Connector.Meter = Half;

        (PromptResult result, AgentException? failure) = await bench.Pool.RunAsync(
            new PromptRequest { Prompt = "hello", Review = new RejectAll(), SpendingLimit = new SpendingLimit { MaxCredits = 1 } }, CancellationToken.None).InTime();

        Assert.Equal((2, 1m, FailureKind.InvalidOutput), (result.Attempts, result.Credits, failure!.Kind));
        Assert.Equal("rejected The agent was not asked again. The budget is spent: agents have reported 1 credit, and -MaxCredits is 1.", failure.Message);
        Assert.Equal(2, bench.Connector.PromptsSeen.Count);
    }

    [Fact]
    public async Task Costs_are_limited_per_currency()
    {
        await using var bench = new PoolBench();
        var limit = new SpendingLimit { MaxCost = 1 };
        foreach (string currency in new[] { "EUR", "USD" })
        {
            bench.Connector.Meter = new TurnMeter { Cost = 0.9m, CostCurrency = currency };
            Assert.Null((await RunAsync(bench, limit)).Failure);
        }

        bench.Connector.Meter = new TurnMeter { Cost = 0.1m, CostCurrency = "EUR" };
        Assert.Null((await RunAsync(bench, limit)).Failure);
        Assert.Contains("1 EUR", (await RunAsync(bench, limit)).Failure!.Message, StringComparison.Ordinal);
        Assert.Equal("1 EUR, 0.9 USD", limit.Spent.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_limit_of_zero_or_less_is_refused(int value)
    {
        Assert.Equal("MaxCredits", Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions { MaxCredits = value }.Validate()).ParamName);
        Assert.Equal("MaxCost", Assert.Throws<ArgumentOutOfRangeException>(() => new PoolOptions { MaxCost = value }.Validate()).ParamName);
        Assert.Equal("MaxTokens", Assert.Throws<ArgumentOutOfRangeException>(() => new SpendingLimit { MaxTokens = value }.Validate()).ParamName);
    }

    [Fact]
    public void The_limits_that_a_result_does_not_report_are_named()
    {
        var result = new PromptResult { Prompt = "p", Outcome = "Completed", WorkingDirectory = "/", Credits = 1 };

        Assert.Empty(new SpendingLimit().FindUnreported(result));
        Assert.Empty(new SpendingLimit { MaxCredits = 1 }.FindUnreported(result));
        Assert.Equal(["MaxCost", "MaxTokens"], new SpendingLimit { MaxCredits = 1, MaxCost = 1, MaxTokens = 1 }.FindUnreported(result));
        Assert.Empty(new SpendingLimit { MaxTokens = 1 }.FindUnreported(result with { OutputTokens = 1 }));
    }

    private static SpendingLimit Limit(string what) => what switch
    {
        "credits" => new SpendingLimit { MaxCredits = 1 },
        "cost" => new SpendingLimit { MaxCost = 0.04m },
        _ => new SpendingLimit { MaxTokens = 100 },
    };

    private static Task<(PromptResult Result, AgentException? Failure)> RunAsync(PoolBench bench, SpendingLimit limit) =>
        bench.Pool.RunAsync(new PromptRequest { Prompt = "hello", SpendingLimit = limit }, CancellationToken.None).InTime();

    private sealed class RejectAll : IAnswerReview
    {
        public string Instruction => "";

        public string OutputSchema => "{}";

        public int RetryCount => 100;

        public ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new AnswerVerdict { FollowUp = "again", Failure = new AgentException(FailureKind.InvalidOutput, "rejected") });
    }
}
