using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Prompts;

public sealed class StreamTests
{
    [Theory]
    [InlineData("Invoke-KiroPrompt 'my secret' -Verbose")]
    [InlineData("$VerbosePreference = 'Continue'; Invoke-KiroPrompt 'my secret'")]
    public void Verbose_describes_the_pool_and_never_shows_the_prompt(string script)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError();

        Ran ran = module.Run(script).WithoutError();

        Assert.Contains(ran.Verbose, line => line.Contains("is being started", StringComparison.Ordinal));
        Assert.Contains(ran.Verbose, line => line.Contains("is warm after", StringComparison.Ordinal) && line.Contains($"agent {ran.Result.ProcessId}", StringComparison.Ordinal));
        Assert.DoesNotContain(ran.Verbose, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Start-KiroPool @Agent -Verbose", "is warm after")]
    [InlineData("Stop-KiroPool -Verbose", "the pool has stopped")]
    [InlineData("Stop-KiroPool; Stop-KiroPool -Verbose", "no pool to stop")]
    public void Verbose_describes_start_and_stop(string script, string expected)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        if (!script.StartsWith("Start", StringComparison.Ordinal))
            module.Run("Start-KiroPool @Agent").WithoutError();

        Assert.Contains(module.Run(script).WithoutError().Verbose, line => line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Debug_reports_invalid_messages_of_an_agent()
    {
        using var agent = new SimulatedAgent(new { banner = "Welcome to the agent!" });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent -Debug").WithoutError();

        Assert.NotEmpty(ran.Debug);
        Assert.Empty(ran.Verbose);
    }

    [Fact]
    public void By_default_only_results_are_written()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; 'a', 'b' | Invoke-KiroPrompt").WithoutError();

        Assert.Equal(2, ran.Output.Count);
        Assert.Empty(ran.Verbose);
        Assert.Empty(ran.Debug);
        Assert.Empty(ran.Warnings);
    }

    [Fact]
    public void A_turn_that_the_agent_cut_short_is_a_result_with_a_warning()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; 'fine', '[[refuse]]' | Invoke-KiroPrompt -Ordered").WithoutError();

        Assert.Equal("refusal", ran.Results[1].StopReason);
        Assert.Equal("Completed", ran.Results[1].Outcome);
        Assert.Contains("Prompt 1", Assert.Single(ran.Warnings), StringComparison.Ordinal);
        Assert.Contains("refusal", ran.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Rejected_tools_give_one_warning()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; 1..5 | ForEach-Object { \"[[permission execute]] $_\" } | Invoke-KiroPrompt").WithoutError();

        Assert.Contains("rejected", Assert.Single(ran.Warnings), StringComparison.Ordinal);
        Assert.All(ran.Results, r => Assert.Equal("Rejected", Assert.Single(r.ToolCalls).Permission));
        Assert.Equal(["reject_once"], agent.Events.Where(e => e.Event == "permission").Select(e => e.Answer).Distinct());
    }

    [Fact]
    public void Warnings_obey_the_common_parameters()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; Invoke-KiroPrompt '[[refuse]]' -WarningAction SilentlyContinue -WarningVariable said | Out-Null; \"$said\"").WithoutError();

        Assert.Empty(ran.Warnings);
        Assert.Contains("refusal", ran.Value<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void OutVariable_and_PipelineVariable_work()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("Start-KiroPool @Agent | Out-Null; 'a' | Invoke-KiroPrompt -OutVariable kept -PipelineVariable result | ForEach-Object { $result.Text }; $kept.Text").WithoutError();

        Assert.Equal(["You said: a", "You said: a"], ran.Values<string>());
    }
}
