using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.V3;

/// <summary>The quota of the account, which V3 reports.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task The_quota_is_read_and_stays_in_the_statistics()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", credits = 2.0 });
        await pool.AskAsync("hello");

        AccountUsage? usage = await pool.Pool.ReadUsageAsync(TimeSpan.Zero).InTime();

        Assert.Equal(("KIRO PRO", 985.5m, false), (usage!.Plan, usage.CreditsLeft, usage.OveragesEnabled));
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), usage.RenewedAt);
        Assert.Equal("14.5 of 1,000 Credits used (KIRO PRO), renewed on 2026-12-01", usage.ToString());
        Assert.Same(usage, pool.Statistics.Usage);
        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task A_recent_report_is_not_read_again()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });

        AccountUsage? first = await pool.Pool.ReadUsageAsync(TimeSpan.FromMinutes(1)).InTime();
        AccountUsage? second = await pool.Pool.ReadUsageAsync(TimeSpan.FromMinutes(1)).InTime();

        Assert.Same(first, second);
        Assert.Equal(1, pool.Agent.Count("usage"));
    }

    [Fact]
    public async Task The_quota_is_read_during_a_turn()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", turnMs = 300_000, chunks = 30_000 }, new PoolOptions { MinSize = 0, MaxSize = 1, MaxStarting = 1 });
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> turn = pool.RunAsync(new PromptRequest { Prompt = "slow" }, cancel.Token);
        await pool.LoggedAsync("prompt");

        Assert.NotNull(await pool.Pool.ReadUsageAsync(TimeSpan.Zero).InTime());

        Assert.False(turn.IsCompleted);
        await cancel.CancelAsync();
        Assert.Equal("Cancelled", (await turn).Result.Outcome);
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("unknown")]
    public async Task An_agent_without_the_method_reports_nothing(string kind)
    {
        object settings = kind == "v2" ? new { engine = "v2" } : new { engine = "v3", v3 = new Dictionary<string, object?> { ["usage"] = null } };
        await using var pool = new SimulatedPool(settings);

        Assert.Null(await pool.Pool.ReadUsageAsync(TimeSpan.Zero).InTime());
        Assert.Null(pool.Statistics.Usage);
        Assert.Equal("Completed", (await pool.AskAsync("hello")).Outcome);
    }

    [Fact]
    public async Task A_refusal_of_the_service_is_a_failure_with_its_reason()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { usage = new { refused = "The service is not available." } } });

        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => pool.Pool.ReadUsageAsync(TimeSpan.Zero).InTime());

        Assert.Contains("The service is not available.", failure.Message, StringComparison.Ordinal);
    }
}
