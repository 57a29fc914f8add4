using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Hosts behind another command than ssh, such as docker exec: the same promises, from the parameter to the results.</summary>
[Long]
public sealed class HostCommandTests
{
    public HostCommandTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The commands are those of Linux.");

    [Theory]
    [InlineData("'env', 'NOT_A_SECRET=1'")]
    [InlineData("'setsid', '-w'")]
    [InlineData("'/usr/bin/env'")]
    public void Prompts_run_behind_a_command(string words)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run($"Start-KiroPool @Agent -HostCommand @{{ HostName = 'box'; Command = {words}; MaxSize = 2 }}").WithoutError().Value<PoolInfo>();
        Ran ran = module.Run("1..4 | ForEach-Object { \"prompt $_\" } | Invoke-KiroPrompt").WithoutError();

        Assert.Equal(["box"], pool.HostName);
        Assert.Equal(2, pool.Options.Hosts[0].MaxSize);
        Assert.All(ran.Results, result => Assert.Equal(("Completed", "box"), (result.Outcome, result.HostName)));
        Assert.Equal(4, agent.Prompts.Distinct().Count());
    }

    [Fact]
    public void A_command_that_gives_its_words_to_a_shell_is_told_so()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent -HostCommand ([ordered]@{ Command = '/bin/sh', '-c'; Shell = $true; HostName = 'box' }); Invoke-KiroPrompt 'one'").WithoutError();

        Assert.Equal("box", ran.Result.HostName);
    }

    [Fact]
    public void A_process_in_a_namespace_is_known_by_its_id_there_and_ends_with_the_pool()
    {
        using var box = new NamespaceBox();
        using var agent = new SimulatedAgent(new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" });
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Set("Command", box.Command).Run("""
            $null = Start-KiroPool @Agent -HostCommand @{ HostName = 'box'; Command = $Command } -StopGraceSec 0.5 -KillGraceSec 0.5
            Invoke-KiroPrompt 'one'
            """).WithoutError();
        PoolProcess process = Assert.Single(module.Statistics().Processes);

        Assert.Equal(("box", ran.Result.ProcessId), (process.HostName, process.ProcessId));
        Assert.True(process.ProcessId < 1000, $"{process.ProcessId} is no id of a new namespace.");
        Assert.True(agent.LiveProcesses > 1, "The agent has no children.");
        module.Run("Stop-KiroPool -Force").WithoutError();
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void A_command_that_is_killed_makes_its_prompt_indeterminate_and_leaves_nothing()
    {
        using var box = new NamespaceBox();
        using var agent = new SimulatedAgent(new { wrapper = true, ignoreEof = true, ignoreSigterm = true, grandchild = "setsid" });
        using var module = new ModuleRunspace(agent);
        module.Set("Command", box.Command).Run("$null = Start-KiroPool @Agent -HostCommand @{ HostName = 'box'; Command = $Command } -HostLostSec 3 -MaxSize 1").WithoutError();

        using RunningScript running = module.Begin("Invoke-KiroPrompt '[[hang]]'");
        Eventually.Holds(() => agent.Prompts.Count == 1);
        foreach (int id in LiveProcesses.Running(box.Command))
            LiveProcesses.Kill(id);
        ErrorRecord error = running.End().Error;

        Assert.StartsWith("HostLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        PromptResult result = Assert.IsType<PromptFailedException>(error.Exception).Result;
        Assert.Equal(("Indeterminate", "box"), (result.Outcome, result.HostName));
        Eventually.Holds(() => agent.LiveProcesses == 0);
        Assert.True(DateTimeOffset.UtcNow < result.FencedAt + TimeSpan.FromSeconds(2), "The agent was ended later than the result says.");
        Assert.Equal("Completed", module.Run("Invoke-KiroPrompt 'next'").WithoutError().Result.Outcome);
    }

    [Theory]
    [InlineData("@{ Command = 'env' }", "needs a HostName")]
    [InlineData("@{ HostName = ''; Command = 'env' }", "needs a HostName")]
    [InlineData("@{ HostName = \"a`nb\"; Command = 'env' }", "needs a HostName")]
    [InlineData("@{ HostName = 'localhost'; Command = 'env' }", "that of this machine")]
    [InlineData("@{ HostName = 'box' }", "needs a Command")]
    [InlineData("@{ HostName = 'box'; Command = @() }", "needs a Command")]
    [InlineData("@{ HostName = 'box'; Command = ' ' }", "needs a Command")]
    [InlineData("@{ HostName = 'box'; Command = 'env', \"a`0b\" }", "needs a Command")]
    [InlineData("@{ HostName = 'box'; Command = 'env'; MaxSize = 0 }", "1 to 1000, but is '0'")]
    [InlineData("@{ HostName = 'box'; Command = 'env'; Port = 22 }", "'Port' is not a key")]
    [InlineData("@{ HostName = 'box'; Command = 'env' }, @{ HostName = 'BOX'; Command = 'env' }", "given 2 times")]
    public void An_entry_that_names_no_host_is_one_error(string entries, string words)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent -HostCommand {entries}").Error;

        Assert.StartsWith("HostInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-HostCommand", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_line_in_one_string_is_a_program_that_is_not_here()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent -HostCommand @{ HostName = 'box'; Command = 'docker exec -i box' }").Error;

        Assert.StartsWith("ExecutableNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Each word of a command is a string of its own.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_fails_is_an_unreachable_host_with_its_words()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("Start-KiroPool @Agent -HostCommand @{ HostName = 'box'; Command = 'sh', '-c', 'echo No such container: box >&2; exit 1' }").Error;

        Assert.StartsWith("HostUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("sh ended with exit code 1", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("No such container: box", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_command_returns_the_pool_and_another_is_named_without_its_words()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -MinSize 0 -HostCommand @{ HostName = 'box'; Command = 'env', 'A=1' }").WithoutError();
        module.Run("Start-KiroPool @Agent -MinSize 0 -HostCommand @{ HostName = 'box'; Command = 'env', 'A=1' }").WithoutError();
        ErrorRecord other = module.Run("Start-KiroPool @Agent -MinSize 0 -HostCommand @{ HostName = 'box'; Command = 'env', 'A=hidden' }").Error;

        Assert.Contains("-HostCommand differs", other.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", other.ToString(), StringComparison.Ordinal);
    }
}
