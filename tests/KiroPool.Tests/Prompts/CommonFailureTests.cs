using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

/// <summary>A failure that every prompt has ends the command once.</summary>
public sealed class CommonFailureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-ThrottleLimit 1")]
    [InlineData("-Ordered")]
    [InlineData("-ErrorAction SilentlyContinue")]
    public void A_missing_sign_in_is_one_error_however_many_prompts_there_are(string parameters)
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        ErrorRecord error = EndOf(module, $"1..20 | Invoke-KiroPrompt -Prompt {{ \"prompt $_\" }} {parameters}");

        Assert.StartsWith("SignInRequired,KiroPool", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.IsType<PromptFailedException>(error.Exception);
        Assert.Empty(agent.Prompts);
    }

    [Theory]
    [InlineData("-Model gpt-99", "ModelNotFound")]
    [InlineData("-Agent nobody", "AgentNotFound")]
    public void A_model_or_agent_that_is_not_offered_is_one_error(string parameters, string id)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = EndOf(module, $"$null = Start-KiroPool @Agent; 'a', 'b', 'c' | Invoke-KiroPrompt {parameters}");

        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_ends_at_once_is_one_error()
    {
        using var agent = new SimulatedAgent(new { faults = new[] { new { at = "start", kind = "crash" } } });
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -MinSize 0 -NoWait").WithoutError();

        ErrorRecord error = EndOf(module, "1..10 | Invoke-KiroPrompt -Prompt { \"prompt $_\" }");

        Assert.Matches("^Agent(StartFailed|KeepsFailing),", error.FullyQualifiedErrorId);
    }

    [Fact]
    public void A_pool_that_was_stopped_before_is_one_error()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = EndOf(module, "$pool = Start-KiroPool @Agent -MinSize 0; Stop-KiroPool; 'a', 'b', 'c' | Invoke-KiroPrompt -Pool $pool");

        Assert.StartsWith("PoolStopped,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_one_prompt_ends_nothing()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.StartWarm(1);

        Ran ran = module.Run("try { 'a', '[[error boom]]', '[[crash]]', 'b' | Invoke-KiroPrompt } catch { 'ended' }");

        Assert.Empty(ran.Values<string>());
        Assert.Equal((2, 2), (ran.Results.Count, ran.Errors.Count));
    }

    /// <summary>The error that ends a command, which must be its only one.</summary>
    private static ErrorRecord EndOf(ModuleRunspace module, string script) =>
        module.Run($"try {{ {script}; 'not here' }} catch {{ $_ }}").WithoutError().Output.Select(one => Assert.IsType<ErrorRecord>(one!.BaseObject)).Single();
}
