using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class AgentDeathTests
{
    [Fact]
    public async Task An_agent_that_died_idle_is_replaced_silently()
    {
        await using var pool = new SimulatedPool();
        for (int i = 0; i < 5; i++)
        {
            PromptResult before = await pool.AskAsync($"before {i}");
            await LiveProcesses.EndAsync(before.ProcessId!.Value);
            PromptResult after = await pool.AskAsync($"after {i}");
            Assert.Equal($"You said: after {i}", after.Text);
            Assert.NotEqual(before.ProcessId, after.ProcessId);
        }

        Assert.Equal(10, pool.Agent.Prompts.Distinct().Count());
        Assert.Equal((10, 5), (pool.Statistics.Completed, pool.Statistics.EndedBy["Died"]));
    }

    [Fact]
    public async Task A_pool_keeps_its_minimum_when_agents_die_idle()
    {
        await using var pool = new SimulatedPool(options: new PoolOptions { MinSize = 2, MaxSize = 2 });
        await pool.Pool.WarmAsync(TestContext.Current.CancellationToken).InTime();
        await pool.IdleAsync(2);
        int[] before = [.. pool.Statistics.Processes.Select(p => p.ProcessId!.Value)];
        foreach (int id in before)
            LiveProcesses.Kill(id);

        await Eventually.HoldsAsync(() => pool.Statistics is { IdleCount: 2, StoppingCount: 0, StartingCount: 0 } now && !now.Processes.Any(p => before.Contains(p.ProcessId!.Value)));
        Assert.Equal(2, pool.Agent.Processes.Count);
    }

    [Theory]
    [InlineData("[[crash]]", "")]
    [InlineData("[[crash-midway]]", "You s")]
    public async Task A_prompt_whose_agent_died_is_indeterminate_and_not_repeated(string prompt, string text)
    {
        await using var pool = new SimulatedPool();
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = prompt });

        Assert.Equal(("Indeterminate", FailureKind.AgentDied), (result.Outcome, failure!.Kind));
        Assert.StartsWith(text, result.Text, StringComparison.Ordinal);
        Assert.Contains("exit code 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("simulated crash", failure.Message, StringComparison.Ordinal);
        Assert.Equal([prompt], pool.Agent.Prompts);
        Assert.Equal("You said: next", (await pool.AskAsync("next")).Text);
    }

    [Fact]
    public async Task The_death_of_an_agent_affects_only_its_own_prompt()
    {
        await using var pool = new SimulatedPool(new { turnMs = 300 }, new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 3 });
        string[] prompts = ["a", "[[crash-midway]]", "b"];
        (PromptResult Result, AgentException? Failure)[] results = await Task.WhenAll(prompts.Select(prompt => pool.RunAsync(new PromptRequest { Prompt = prompt })));
        Assert.Equal(["Completed", "Indeterminate", "Completed"], results.Select(r => r.Result.Outcome));
    }

    [Fact]
    public async Task A_prompt_is_retried_if_the_agent_sent_nothing()
    {
        await using var pool = new SimulatedPool();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "[[crash]]", RetryCount = 2 });

        Assert.Equal("Indeterminate", result.Outcome);
        Assert.Equal(["[[crash]]", "[[crash]]", "[[crash]]"], pool.Agent.Prompts);
        Assert.Equal(3, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task A_retry_can_succeed()
    {
        await using var pool = new SimulatedPool(new { faults = CrashAt("prompt", times: 1) });
        (PromptResult result, AgentException? failure) = await pool.RunAsync(new PromptRequest { Prompt = "hello", RetryCount = 1 });
        Assert.Null(failure);
        Assert.Equal("You said: hello", result.Text);
        Assert.Equal(1, pool.Statistics.Completed);
        Assert.Equal(0, pool.Statistics.Indeterminate);
    }

    [Theory]
    [InlineData("[[crash-midway]] text")]
    [InlineData("[[tool edit]] [[crash-midway]] a tool ran")]
    public async Task A_prompt_is_not_retried_after_text_or_a_tool(string prompt)
    {
        await using var pool = new SimulatedPool();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = prompt, RetryCount = 5 });
        Assert.Equal("Indeterminate", result.Outcome);
        Assert.Equal([prompt], pool.Agent.Prompts);
    }

    [Theory]
    [InlineData("[[refuse]]")]
    [InlineData("[[cancelled]]")]
    public async Task An_outcome_chosen_by_the_agent_is_not_retried(string prompt)
    {
        await using var pool = new SimulatedPool();
        await pool.RunAsync(new PromptRequest { Prompt = prompt, RetryCount = 5 });
        Assert.Equal([prompt], pool.Agent.Prompts);
    }

    [Fact]
    public async Task A_crash_during_a_start_costs_another_start_and_no_prompt()
    {
        await using var pool = new SimulatedPool(new { faults = CrashAt("initialize", times: 2) });
        Assert.Equal("You said: hello", (await pool.AskAsync("hello")).Text);
        Assert.Equal(2, pool.Statistics.EndedBy["StartFailed"]);
        Assert.Equal(["hello"], pool.Agent.Prompts);
    }

    /// <summary>The processes count together, in a file of their directory.</summary>
    private static object[] CrashAt(string at, int times) => [new { at, @do = "crash", times, everyProcess = false, state = "count" }];
}
