using System.Collections;
using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

public sealed class ItemErrorTests
{
    [Fact]
    public void Every_input_becomes_a_result_or_an_error()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("'a', '[[error boom]]', '', 'b', '[[crash]]', '[[cancelled]]', '[[ratelimit]]', 'c' | Invoke-KiroPrompt -TimeoutSec 60");

        Assert.Equal(8, ran.Results.Count + ran.Errors.Count);
        Assert.Equal(["You said: a", "You said: b", "You said: c"], ran.Texts.Order());
        Assert.Equal(
            ["AgentDied", "AgentError", "CancelledByAgent", "PromptEmpty", "RateLimited"],
            ran.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]).Order());
        PoolStatistics statistics = module.Statistics();
        Assert.Equal((3, 3, 1), (statistics.Completed, statistics.Failed, statistics.Indeterminate));
    }

    [Theory]
    [InlineData("[[error boom]]", "AgentError", ErrorCategory.InvalidResult, "Failed", "boom")]
    [InlineData("[[crash]]", "AgentDied", ErrorCategory.ConnectionError, "Indeterminate", "simulated crash")]
    [InlineData("[[crash-midway]]", "AgentDied", ErrorCategory.ConnectionError, "Indeterminate", "simulated crash")]
    [InlineData("[[cancelled]]", "CancelledByAgent", ErrorCategory.OperationStopped, "Failed", "")]
    [InlineData("[[ratelimit]]", "RateLimited", ErrorCategory.LimitsExceeded, "Failed", "Too many requests")]
    public void A_failed_prompt_is_an_error_about_the_users_own_object(string text, string id, ErrorCategory category, string outcome, string message)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);
        FileInfo file = agent.File("prompt.md", text);

        ErrorRecord error = module.Pipe([file], "Invoke-KiroPrompt").Error;

        Assert.Equal($"{id},KiroPool.Commands.InvokeKiroPromptCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Same(file, error.TargetObject);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        PromptResult result = Assert.IsType<PromptFailedException>(error.Exception).Result;
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(text, result.Prompt);
        Assert.Equal(file.FullName, Assert.IsType<FileInfo>(result.GetInput()).FullName);
        Assert.Equal([text], agent.Prompts);
    }

    [Fact]
    public void Without_pipeline_input_the_target_is_the_prompt()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Assert.Equal("[[error boom]]", module.Run("Start-KiroPool @Agent | Out-Null; Invoke-KiroPrompt '[[error boom]]'").Error.TargetObject);
    }

    [Fact]
    public void A_crash_keeps_the_partial_text()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent | Out-Null; Invoke-KiroPrompt '[[crash-midway]] [[chunks 2]]'").Error;

        Assert.StartsWith("You said: [[cr", ((PromptFailedException)error.Exception).Result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorAction_Stop_ends_the_command_and_its_turns()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(2);

        Ran ran = module.Run("""
            try { '[[hang]]', '[[error boom]]', 'never' | Invoke-KiroPrompt -ThrottleLimit 2 -ErrorAction Stop; 'not here' }
            catch { $_.FullyQualifiedErrorId; $_.TargetObject }
            """);

        Assert.Equal(["AgentError,KiroPool.Commands.InvokeKiroPromptCommand", "[[error boom]]"], ran.Values<string>());
        Assert.DoesNotContain("never", agent.Prompts);
        Eventually.Holds(() => module.Statistics() is { ActiveCount: 0, IdleCount: 2, Cancelled: 1 });
        Assert.Equal(1, agent.Count("cancel"));
    }

    [Fact]
    public void ErrorAction_SilentlyContinue_goes_on_and_ErrorVariable_collects()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("'a', '[[error boom]]', 'b' | Invoke-KiroPrompt -ErrorAction SilentlyContinue -ErrorVariable failed").WithoutError();

        Assert.Equal(["You said: a", "You said: b"], ran.Texts);
        var failed = (ArrayList)module.Run(", $failed").Output.Single()!.BaseObject;
        Assert.Equal("[[error boom]]", Assert.IsType<ErrorRecord>(Assert.Single(failed)).TargetObject);
    }
}
