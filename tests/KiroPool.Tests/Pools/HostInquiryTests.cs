using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>What a pool on other hosts says about agents and models: what is there, not what is here.</summary>
[Collection<Alone>]
public sealed class HostInquiryTests
{
    [Fact]
    public void The_models_are_those_of_the_program_on_the_first_host_that_answers()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = OfKiroCli(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent -HostName down, a -MinSize 0; (Get-KiroModel *haiku*).Id").WithoutError();

        Assert.Equal("claude-haiku-4.5", ran.Value<string>());
        Assert.Contains("host a", ssh.Options);
        Assert.Equal(1, agent.Count("list-models"));
    }

    [Fact]
    public void No_host_that_answers_is_its_error()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = OfKiroCli(agent);

        ErrorRecord error = module.Run("$null = Start-KiroPool @Agent -HostName down -MinSize 0; Get-KiroModel").Error;

        Assert.StartsWith("HostUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_are_completed_from_the_program_on_a_host()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = OfKiroCli(agent);
        module.Run("$null = Start-KiroPool @Agent -HostName a -MinSize 0").WithoutError();

        Ran ran = module.Run("(TabExpansion2 'Invoke-KiroPrompt x -Model claude-haik').CompletionMatches.CompletionText").WithoutError();

        Assert.Equal("claude-haiku-4.5", ran.Value<string>());
        Assert.Equal(1, agent.Count("list-models"));
    }

    [Fact]
    public void Agent_files_of_this_machine_are_not_agents_of_a_host()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = OfKiroCli(agent);
        Directory.CreateDirectory(Path.Combine(agent.Folder, ".kiro", "agents"));
        agent.File(Path.Combine(".kiro", "agents", "local-only.json"), """{ "name": "local-only" }""");

        Ran before = module.Run("$null = Start-KiroPool @Agent -HostName a -MinSize 0; (Get-KiroAgent).Name").WithoutError();
        Ran after = module.Run("$null = Invoke-KiroPrompt 'one'; (Get-KiroAgent | Where-Object { -not $_.Path }).Name; @(Get-KiroAgent | Where-Object Path).Count").WithoutError();

        Assert.DoesNotContain("local-only", before.Values<string>());
        Assert.Contains("kiro_default", before.Values<string>());
        Assert.Contains("Files of other hosts are not read", Assert.Single(before.Warnings), StringComparison.Ordinal);

        // The program on the host, which has this folder too, reports what it finds.
        Assert.Equal(["kiro_default", "kiro_planner", "local-only"], after.Values<string>());
        Assert.Equal(0, after.Value<int>());
        Assert.Empty(after.Warnings);
    }

    /// <summary>The simulator is asked as kiro-cli only under that name.</summary>
    private static ModuleRunspace OfKiroCli(SimulatedAgent agent)
    {
        agent.Parameters["FilePath"] = ProgramAlias.Create(agent.Folder, "kiro-cli", Repository.Simulator);
        return new ModuleRunspace(agent);
    }
}
