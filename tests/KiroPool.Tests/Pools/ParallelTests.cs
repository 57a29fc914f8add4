using System.Globalization;
using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

public sealed class ParallelTests
{
    [Fact]
    public void Four_runspaces_share_a_pool_of_three()
    {
        using var agent = new SimulatedAgent(new { turnMs = 5 });
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("$pool = Start-KiroPool @Agent -MaxSize 3 -MaxUses 20; $pool").WithoutError().Value<PoolInfo>();

        Ran ran;
        MostProcesses sampler;
        using (sampler = agent.SampleProcesses())
        {
            ran = module.Run("""
                1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
                    Import-Module $using:Manifest
                    $runspace = $_
                    1..50 | ForEach-Object { "prompt $_ of runspace $runspace" } | Invoke-KiroPrompt -Pool $using:pool
                }
                """).WithoutError();
        }

        string[] asked = [.. from runspace in Enumerable.Range(1, 4) from number in Enumerable.Range(1, 50) select string.Create(CultureInfo.InvariantCulture, $"prompt {number} of runspace {runspace}")];
        Assert.Equal(asked.Order(), agent.Prompts.Order());
        Assert.Equal(asked.Order(), ran.Results.Select(r => r.Prompt).Order());
        Assert.All(ran.Results, r => Assert.Equal("You said: " + r.Prompt, r.Text));
        Assert.InRange(sampler.Most, 1, 3);
        Assert.Equal("Running", pool.State);
        Assert.Equal(200, module.Statistics().Completed);
    }

    [Fact]
    public void The_end_of_a_runspace_that_only_uses_the_pool_does_not_end_it()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        PoolInfo pool = module.Run("Start-KiroPool @Agent").WithoutError().Value<PoolInfo>();
        using (var guest = new ModuleRunspace())
            Assert.Single(guest.Set("Pool", pool).Run("Invoke-KiroPrompt 'x' -Pool $Pool; Get-KiroPoolStats -Pool $Pool | Out-Null; Remove-Module KiroPool").WithoutError().Results);

        Assert.Equal("Running", pool.State);
        module.Run("Invoke-KiroPrompt 'y'").WithoutError();
    }

    [Theory]
    [InlineData("Invoke-KiroPrompt 'x'", "InvokeKiroPrompt")]
    [InlineData("'x' | Invoke-KiroPrompt", "InvokeKiroPrompt")]
    [InlineData("Get-KiroPoolStats", "GetKiroPoolStats")]
    public void Without_a_pool_the_error_shows_a_second_runspace_how_to_share_one(string script, string command)
    {
        using var module = new ModuleRunspace();

        ErrorRecord error = module.Run(script).Error;

        Assert.Equal($"PoolNotStarted,KiroPool.Commands.{command}Command", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Contains("-Pool $using:pool", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Start-KiroPool", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_pool_ends_the_command_even_with_silenced_errors()
    {
        using var module = new ModuleRunspace();

        Ran ran = module.Run("try { 'a', 'b' | Invoke-KiroPrompt -ErrorAction SilentlyContinue; 'not here' } catch { 'caught' }");

        Assert.Equal(["caught"], ran.Values<string>());
    }

    [Fact]
    public void A_pool_of_another_process_is_refused_with_the_reason()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run("""
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Start-KiroPool @Agent)))
            Invoke-KiroPrompt 'x' -Pool $copy
            """).Error;

        Assert.Contains("another process", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(agent.Prompts);
    }
}
