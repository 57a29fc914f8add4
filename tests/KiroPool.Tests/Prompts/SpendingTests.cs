using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>What prompts may cost together. Each prompt of the simulator costs 0.5 credits here.</summary>
public sealed class SpendingTests
{
    [Fact]
    public void Nothing_is_sent_once_the_reported_credits_reach_the_limit_and_Resume_runs_the_rest()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5 });
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent; $journal = Join-Path $Agent.WorkingDirectory j.jsonl").WithoutError();

        Ran first = module.Run("1..5 | Invoke-KiroPrompt -ThrottleLimit 1 -MaxCredits 1 -JournalPath $journal -Ordered");
        Ran second = module.Run("1..5 | Invoke-KiroPrompt -ThrottleLimit 1 -MaxCredits 10 -JournalPath $journal -Ordered -Resume").WithoutError();

        Assert.Equal(2, first.Results.Count);
        Assert.Equal(3, first.Errors.Count);
        Assert.All(first.Errors, error => Assert.StartsWith("BudgetExceeded,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal((0, "Failed"), (((PromptFailedException)first.Errors[0].Exception).Result.Attempts, ((PromptFailedException)first.Errors[0].Exception).Result.Outcome));
        Assert.Contains("-MaxCredits is 1", first.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Equal([true, true, false, false, false], second.Results.Select(result => result.FromJournal));
        Assert.Equal(5, agent.Count("prompt"));
    }

    [Fact]
    public void Prompts_that_run_when_the_limit_is_reached_end_as_they_would()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5, turnMs = 300 });
        using var module = new ModuleRunspace(agent);
        module.StartWarm(3);

        Ran ran = module.Run("1..9 | Invoke-KiroPrompt -ThrottleLimit 3 -MaxCredits 0.5");

        Assert.InRange(ran.Results.Count, 1, 3);
        Assert.Equal(ran.Results.Count, agent.Count("prompt"));
        Assert.Equal(9, ran.Results.Count + ran.Errors.Count);
    }

    [Fact]
    public void A_pool_has_a_limit_for_all_its_prompts_and_shows_what_they_cost()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5 });
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent -MaxCredits 1").WithoutError();

        module.Run("Invoke-KiroPrompt a; Invoke-KiroPrompt b -Session s").WithoutError();
        Ran third = module.Run("Invoke-KiroPrompt c");

        Assert.StartsWith("BudgetExceeded,", third.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(1m, module.Statistics().Spending.Credits);
        Assert.Equal(2, agent.Count("prompt"));
    }

    [Fact]
    public void A_limit_on_what_agents_do_not_report_is_warned_of_once()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5 });
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();

        Ran ran = module.Run("1..3 | Invoke-KiroPrompt -MaxTokens 1000").WithoutError();

        Assert.Equal(3, ran.Results.Count);
        Assert.Contains("-MaxTokens", Assert.Single(ran.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_answer_is_not_answered_any_more_once_the_limit_is_reached()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5 });
        using var module = new ModuleRunspace(agent);
        module.Run("$null = Start-KiroPool @Agent").WithoutError();

        Ran ran = module.Run("Invoke-KiroPrompt '[[json never]]' -Schema @{ a = [int] } -MaxCredits 0.5");

        Assert.StartsWith("InvalidOutput,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-MaxCredits is 0.5", ran.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, agent.Count("prompt"));
    }

    [Fact]
    public void The_summary_names_what_was_spent()
    {
        using var agent = new SimulatedAgent(new { credits = 0.5 });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent; $null = 1..3 | Invoke-KiroPrompt -InformationVariable told; $told.MessageData.Spending.Credits; \"$($told.MessageData)\"").WithoutError();

        Assert.Equal(1.5m, ran.Output[0]!.BaseObject);
        Assert.Contains("1.5 credits", ran.Output[1]!.BaseObject.ToString(), StringComparison.Ordinal);
    }
}
