using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>A command whose input does not bind does nothing more than report it.</summary>
public sealed class FailedToBindTests
{
    [Fact]
    public void A_pool_is_input_of_Get_KiroPoolStats_and_Stop_KiroPool()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$pool = Start-KiroPool @Agent -MinSize 0; $pool | Get-KiroPoolStats; Get-KiroPool | Get-KiroPoolStats; $pool | Stop-KiroPool").WithoutError();

        Assert.Equal(2, ran.Values<PoolStatistics>().Count());
    }

    [Theory]
    [InlineData("'x' | Get-KiroPoolStats")]
    [InlineData("'x' | Get-KiroPool")]
    [InlineData("'x' | Stop-KiroPool")]
    [InlineData("'x' | Start-KiroPool -Force -MaxSize 2")]
    [InlineData("'x' | New-KiroSession review")]
    [InlineData("'x' | Enter-KiroSession")]
    [InlineData("'x' | Get-KiroModel")]
    [InlineData("'x' | Get-KiroAgent")]
    [InlineData("'x' | Remove-KiroSession")]
    public void Input_that_does_not_bind_is_one_error_and_nothing_else(string script)
    {
        using var agent = new SimulatedAgent();
        var host = new ScriptedHost();
        using var module = new ModuleRunspace(agent, host);
        PoolInfo pool = module.Run("Start-KiroPool @Agent").WithoutError().Value<PoolInfo>();

        Ran ran = module.Run(script);

        Assert.IsType<ParameterBindingException>(ran.Error.Exception, exactMatch: false);
        Assert.Empty(ran.Output);
        Assert.Same(pool, module.Run("Get-KiroPool").Value<PoolInfo>());
        Assert.Empty(module.Run("Get-KiroSession").WithoutError().Output);
        Assert.Equal((1, 1), (agent.Count("start"), agent.LiveProcesses));
    }

    [Fact]
    public void No_input_at_all_is_nothing_to_do() => WithoutPool("@() | Start-KiroPool; @() | Get-KiroPool; @() | New-KiroSession x");

    private static void WithoutPool(string script)
    {
        using var module = new ModuleRunspace();
        Assert.Empty(module.Run(script).WithoutError().Output);
        Assert.Empty(module.Run("Get-KiroPool").WithoutError().Output);
    }
}
