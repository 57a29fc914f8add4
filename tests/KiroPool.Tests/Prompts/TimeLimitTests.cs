using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

[Collection<Alone>]
public sealed class TimeLimitTests
{
    // The allowance for a busy machine, on top of max(10 %, 100 ms).
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("-TimeoutSec")]
    [InlineData("-TimeoutSeconds")]
    public void A_prompt_ends_at_its_time_limit_and_its_agent_is_used_again(string parameter)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        ErrorRecord error = module.Run($"Invoke-KiroPrompt '[[hang]]' {parameter} 0.5").Error;
        PromptResult next = module.Run("Invoke-KiroPrompt 'next'").WithoutError().Result;

        Assert.StartsWith("PromptTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal("[[hang]]", error.TargetObject);
        PromptResult result = Assert.IsType<PromptFailedException>(error.Exception).Result;
        Assert.Equal("TimedOut", result.Outcome);
        Assert.InRange(result.Duration, TimeSpan.FromSeconds(0.49), TimeSpan.FromSeconds(0.6) + Slack);
        Assert.Equal(result.ProcessId, next.ProcessId);
        Assert.Equal(1, agent.Count("cancel"));
        Assert.Equal(1, module.Statistics().TimedOut);
    }

    [Fact]
    public void The_limit_of_each_prompt_includes_its_wait_for_an_agent()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        other.Set("Pool", module.StartWarm(1));
        using RunningScript holder = other.Begin("Invoke-KiroPrompt '[[hang]]' -Pool $Pool");
        Eventually.Holds(() => agent.Count("prompt") == 1);

        Ran ran = module.Run("'one', 'two' | Invoke-KiroPrompt -ThrottleLimit 1 -TimeoutSec 0.5");
        holder.Stop();
        PromptResult after = module.Run("Invoke-KiroPrompt 'after' -TimeoutSec 30").WithoutError().Result;

        Assert.Equal(2, ran.Errors.Count);
        Assert.All(ran.Errors, e => Assert.Contains("waiting for an agent", e.ToString(), StringComparison.Ordinal));
        Assert.All(ran.Errors, e => Assert.True(((PromptFailedException)e.Exception).Result.Duration >= TimeSpan.FromSeconds(0.49)));
        Assert.Equal(["[[hang]]", "after"], agent.Prompts);
        Assert.Equal("You said: after", after.Text);
    }

    [Fact]
    public void The_limit_includes_the_start_of_an_agent()
    {
        using var agent = new SimulatedAgent(new { startMs = 20_000 });
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent -MinSize 0 | Out-Null; Invoke-KiroPrompt 'x' -TimeoutSec 0.5").Error;

        Assert.StartsWith("PromptTimedOut,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.InRange(((PromptFailedException)error.Exception).Result.Duration, TimeSpan.FromSeconds(0.49), TimeSpan.FromSeconds(0.6) + Slack);
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_silent_agent_times_out()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'[[hang]]', '[[sleep 3000]] [[chunks 30]]' | Invoke-KiroPrompt -ThrottleLimit 1 -InactivityTimeoutSec 1.5");

        Assert.StartsWith("AgentSilent,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, ran.Error.CategoryInfo.Category);
        Assert.Equal("Completed", ran.Result.Outcome);
    }
}
