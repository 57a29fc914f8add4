using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>The running pool is easy to get again: Get-KiroPool, and Start-KiroPool with nothing that differs.</summary>
public sealed class GetPoolTests
{
    [Fact]
    public void Get_KiroPool_returns_the_running_pool_and_nothing_without_one()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Assert.Empty(module.Run("Get-KiroPool").WithoutError().Output);
        PoolInfo pool = module.Run("Start-KiroPool @Agent -MinSize 0").WithoutError().Value<PoolInfo>();
        Assert.Same(pool, module.Run("Get-KiroPool").WithoutError().Value<PoolInfo>());
        module.Run("Stop-KiroPool").WithoutError();
        Assert.Empty(module.Run("Get-KiroPool").WithoutError().Output);
        Assert.Equal(0, agent.Count("start"));
    }

    [Theory]
    [InlineData("Start-KiroPool")]
    [InlineData("Start-KiroPool -NoWait")]
    [InlineData("Start-KiroPool -SkipSignInCheck -Verbose")]
    public void Start_KiroPool_without_options_returns_the_running_pool_whatever_its_options(string start)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("Start-KiroPool @Agent -MaxSize 2 -Model claude-haiku-4.5 -TrustTools read").WithoutError().Value<PoolInfo>();

        Assert.Same(pool, module.Run($"Set-Location /; {start}").WithoutError().Value<PoolInfo>());
        Assert.Equal(1, agent.Count("start"));
    }

    [Fact]
    public void A_change_of_location_is_no_other_option()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run($"$Agent.Remove('WorkingDirectory'); Set-Location '{agent.Folder}'").WithoutError();

        Ran ran = module.Run("Start-KiroPool @Agent -MaxSize 2; Set-Location /; Start-KiroPool @Agent -MaxSize 2").WithoutError();

        Assert.Single(ran.Values<PoolInfo>().Distinct());
    }

    [Theory]
    [InlineData("-MaxTokens 1000", "-MaxTokens 2000", "-MaxTokens is 1000, not 2000")]
    [InlineData("-MaxMemoryMB 100", "-MaxMemoryMB 200", "-MaxMemoryMB is 100, not 200")]
    public void A_different_limit_is_shown_in_the_units_of_its_parameter(string present, string requested, string difference)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Assert.Contains(difference, module.Run($"$null = Start-KiroPool @Agent {present}; Start-KiroPool @Agent {requested}").Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_names_each_option_that_differs_with_both_values()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -MaxSize 2 -IdleTimeoutSec 60 -NoWait").WithoutError();

        string message = module.Run("Start-KiroPool @Agent -MaxSize 3 -Model claude-haiku-4.5 -IdleTimeoutSec 60 -TrustTools read, shell -NoWait").Error.Exception.Message;

        Assert.Contains("-MaxSize is 2, not 3", message, StringComparison.Ordinal);
        Assert.Contains("-Model is not set, not claude-haiku-4.5", message, StringComparison.Ordinal);
        Assert.Contains("-TrustTools is not set, not read, shell", message, StringComparison.Ordinal);
        Assert.DoesNotContain("-IdleTimeoutSec", message, StringComparison.Ordinal);
        Assert.DoesNotContain("-MinSize", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_names_the_environment_and_the_arguments_without_their_values()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        string message = module.Run("$other = $Agent.Clone(); $other.Environment = @{ KEY = 'secret-1' }; $other.ArgumentList = 'acp', 'secret-2'; Start-KiroPool @other -NoWait").Error.Exception.Message;

        Assert.Contains("-Environment differs", message, StringComparison.Ordinal);
        Assert.Contains("-ArgumentList differs", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_working_directory_is_another_option_only_when_it_is_given()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        string message = module.Run("$other = $Agent.Clone(); $other.WorkingDirectory = '/'; Start-KiroPool @other -NoWait").Error.Exception.Message;

        Assert.Contains($"-WorkingDirectory is {agent.Folder}, not {Path.GetFullPath("/")}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_pool_without_a_warm_agent_is_warmed_again()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -MinSize 1 -NoWait").WithoutError();
        Eventually.Holds(() => module.Statistics().IdleCount == 1);

        module.Run("Start-KiroPool").WithoutError();

        Assert.Equal((1, 1), (module.Statistics().IdleCount, agent.Count("start")));
    }

    [Fact]
    public void Start_KiroPool_does_not_call_a_pool_running_whose_agents_cannot_start()
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        using var module = new ModuleRunspace(agent);
        module.Run("Start-KiroPool @Agent -NoWait").WithoutError();

        ErrorRecord error = module.Run("Start-KiroPool").Error;

        Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], new[] { "SignInRequired", "AgentKeepsFailing" });
        Assert.Empty(module.Run("Get-KiroPool").WithoutError().Output);
    }
}
