using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Pools over a real sshd, with and without -ShareConnection.</summary>
[Collection<Alone>]
public sealed class HostSharingTests
{
    [Theory]
    [InlineData("", 4)]
    [InlineData("-ShareConnection", 2)]
    public void Prompts_run_over_a_real_sshd(string parameters, int connections)
    {
        using LoopbackSshd sshd = StartSshd();
        using var agent = new SimulatedAgent(new { turnMs = 1500 });
        using var module = Over(sshd, agent);

        module.Run($"Start-KiroPool @Agent @Sshd -HostName a, b -MaxSize 1 {parameters}").WithoutError();
        Ran ran = module.Run("1..8 | ForEach-Object { \"prompt $_\" } | Invoke-KiroPrompt").WithoutError();

        Assert.Equal(["a", "b"], ran.Results.Select(result => result.HostName!).Distinct().Order());
        Assert.Equal(8, agent.Prompts.Distinct().Count());
        Assert.Equal(connections, sshd.Connections);
        Assert.Equal(["a", "b"], module.Statistics().Processes.Select(process => process.HostName).Order());
        module.Run("Stop-KiroPool").WithoutError();
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-ShareConnection")]
    public void Connections_that_are_killed_leave_one_outcome_for_each_prompt_and_no_process(string parameters)
    {
        using LoopbackSshd sshd = StartSshd();
        using var agent = new SimulatedAgent(new { turnMs = 400 });
        using var module = Over(sshd, agent);
        module.Run($"Start-KiroPool @Agent @Sshd -HostName a, b -MaxSize 2 -HostLostSec 3 {parameters}").WithoutError();

        using RunningScript running = module.Begin("1..24 | ForEach-Object { \"prompt $_\" } | Invoke-KiroPrompt");
        Eventually.Holds(() => agent.Prompts.Count >= 5);
        sshd.KillConnections();
        Ran ran = running.End();

        PromptResult[] failed = [.. ran.Errors.Select(error => Assert.IsType<PromptFailedException>(error.Exception).Result)];
        Assert.Equal(24, ran.Results.Count + failed.Length);
        Assert.All(failed, result => Assert.Equal(("Indeterminate", true), (result.Outcome, result.FencedAt is not null)));
        Assert.InRange(failed.Length, 1, 4);

        // Only a prompt that was on its way when its connection was killed may not have arrived.
        Assert.Empty(Enumerable.Range(1, 24).Select(i => $"prompt {i}").Except(agent.Prompts).Except(failed.Select(result => result.Prompt)));
        Assert.Equal(agent.Prompts.Count, agent.Prompts.Distinct().Count());
        module.Run("Stop-KiroPool").WithoutError();
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void A_far_agent_over_the_memory_limit_is_replaced_and_no_prompt_fails()
    {
        using LoopbackSshd sshd = StartSshd();
        using var agent = new SimulatedAgent();
        using var module = Over(sshd, agent);
        module.Run("Start-KiroPool @Agent @Sshd -HostName a -ShareConnection -MaxMemoryMB 1 -MaxSize 1 -IdleTimeoutSec 2").WithoutError();

        int first = module.Run("Invoke-KiroPrompt 'one'").WithoutError().Result.ProcessId!.Value;
        Eventually.Holds(() => module.Statistics().ProcessesRecycled > 0);
        Ran next = module.Run("Invoke-KiroPrompt 'two'").WithoutError();

        Assert.NotEqual(first, next.Result.ProcessId);
        Eventually.Holds(() => module.Statistics().Processes.Any(process => process.MemoryBytes > 1_000_000));
        module.Run("Stop-KiroPool").WithoutError();
    }

    [Fact]
    public void Windows_cannot_share_and_the_error_names_the_parameter()
    {
        var hosts = new HostList(new AgentHost { Name = "a", Prefix = new SshHost { HostName = "a" }.ToPrefix("/usr/bin/ssh", TimeSpan.FromSeconds(1)) });

        AgentException failure = Assert.Throws<AgentException>(() => HostReader.Sharing(hosts, isWindows: true));

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("-ShareConnection", failure.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(HostReader.Sharing(hosts, isWindows: false)).SharesConnection);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-HostName localhost")]
    [InlineData("-HostCommand @{ HostName = 'box'; Command = , 'env' }")]
    public void To_share_a_connection_needs_a_host_of_ssh(string parameters)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows cannot share a connection at all.");
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent -ShareConnection {parameters}").Error;

        Assert.StartsWith("HostInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-ShareConnection needs a host", error.ToString(), StringComparison.Ordinal);
    }

    private static LoopbackSshd StartSshd()
    {
        Assert.SkipWhen(LoopbackSshd.WhyMissing is not null, LoopbackSshd.WhyMissing ?? "");
        return new LoopbackSshd();
    }

    private static ModuleRunspace Over(LoopbackSshd sshd, SimulatedAgent agent)
    {
        // sshd gives a session the environment of a login.
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
            ((Hashtable)agent.Parameters["Environment"]!)["DOTNET_ROOT"] = root;
        return new ModuleRunspace(agent).Set("Sshd", new Hashtable
        {
            ["Port"] = sshd.Port,
            ["KeyFilePath"] = sshd.KeyFile,
            ["Options"] = new Hashtable(sshd.Options.ToDictionary()),
        });
    }
}
