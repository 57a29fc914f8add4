using KiroPool.Pipeline;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>The quota of the account: shown on request, and compared with a batch before it runs.</summary>
public sealed class UsageTests
{
    private const string Start = "$Agent.Remove('ArgumentList'); $null = Start-KiroPool @Agent -Engine V3";

    [Fact]
    public void Usage_shows_the_quota_of_the_account()
    {
        using var agent = new SimulatedAgent(new { engine = "v3" });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"{Start}; $s = Get-KiroPoolStats -Usage; $s.Usage.CreditsLeft; $s.Usage.Plan; $s | Out-String").WithoutError();

        Assert.Equal(987.5m, ran.Output[0]!.BaseObject);
        Assert.Equal("KIRO PRO", ran.Output[1]!.BaseObject);
        Assert.Contains("12.5 of 1,000 Credits used", ran.Output[2]!.BaseObject.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_that_reports_no_quota_is_an_error_and_the_statistics_are_written()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; Get-KiroPoolStats -Usage");

        Assert.StartsWith("NotSupported,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Null(Assert.Single(ran.Values<PoolStatistics>()).Usage);
    }

    [Theory]
    [InlineData(995, "-MaxCredits 20", "fewer than the 20 of -MaxCredits")]
    [InlineData(1000, "", "are used up")]
    [InlineData(995, "-MaxCredits 1", null)]
    public void A_batch_is_compared_with_the_quota_before_it_runs(double used, string limit, string? warning)
    {
        using var agent = new SimulatedAgent(new { engine = "v3", turnMs = 300, v3 = new { usage = new { used } } });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run($"{Start}; 'a', 'b' | Invoke-KiroPrompt {limit}").WithoutError();

        Assert.Equal(2, ran.Results.Count);
        Assert.Equal(1, agent.Count("usage"));
        if (warning is null)
            Assert.Empty(ran.Warnings);
        else
            Assert.Contains(warning, Assert.Single(ran.Warnings), StringComparison.Ordinal);
        if (limit.Length > 0)
            Assert.Equal(["usage", "prompt"], agent.Events.Select(e => e.Event).Where(name => name is "usage" or "prompt").Take(2));
    }

    [Fact]
    public void An_account_that_pays_for_overages_is_told_so()
    {
        var quota = new QuotaUsage { Name = "Credits", IsCredits = true, Used = 1000, Limit = 1000, Overages = 3, OverageCharges = 0.12m, Currency = "USD" };

        string? warning = QuotaCheck.Compare(new AccountUsage { Quotas = [quota], OveragesEnabled = true }, maxCredits: null);

        Assert.Equal("The credits of the account are used up: 1,000 of 1,000 Credits used, 0.12 USD charged for overages. Prompts are charged as overages.", warning);
    }

    [Fact]
    public void A_quota_without_a_limit_needs_no_word() =>
        Assert.Null(QuotaCheck.Compare(new AccountUsage { Quotas = [new QuotaUsage { Name = "Credits", IsCredits = true, Used = 5 }] }, maxCredits: 1));
}
