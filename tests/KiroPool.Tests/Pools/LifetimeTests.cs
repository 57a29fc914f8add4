using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>A pool ends with the module or with the runspace that owns it, whichever is first.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public void Importing_starts_no_process()
    {
        using var module = new ModuleRunspace(import: false);
        Ran ran = module.Run("Import-Module $Manifest; Get-KiroPoolStats");

        Assert.StartsWith("PoolNotStarted,", ran.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Remove-Module KiroPool")]
    [InlineData("Import-Module $Manifest -Force")]
    public void Removing_the_module_ends_a_pool_with_running_prompts(string removal)
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        using var other = new ModuleRunspace();
        other.Set("Pool", module.StartWarm(2));
        using RunningScript prompt = other.Begin("Invoke-KiroPrompt '[[hang]]' -Pool $Pool");
        Eventually.Holds(() => agent.Count("prompt") == 1);

        module.Run(removal).WithoutError();

        Assert.Equal(0, agent.LiveProcesses);
        Assert.StartsWith("PoolStopped,", prompt.End().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_module_works_again_after_an_import()
    {
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            1..3 | ForEach-Object {
                Import-Module $Manifest
                $null = Start-KiroPool @Agent
                Invoke-KiroPrompt "round $_"
                Remove-Module KiroPool
            }
            """).WithoutError();

        Assert.Equal(["You said: round 1", "You said: round 2", "You said: round 3"], ran.Texts);
        Assert.Equal(0, agent.LiveProcesses);
    }

    [Fact]
    public void Closing_the_runspace_ends_the_pool()
    {
        using var agent = new SimulatedAgent();
        PoolInfo pool;
        using (var module = new ModuleRunspace(agent))
            pool = module.StartWarm(2);

        Eventually.Holds(() => agent.LiveProcesses == 0);
        Assert.Equal("Stopped", pool.State);
    }

    [Fact]
    public void A_pool_of_another_runspace_stays()
    {
        using var mine = new SimulatedAgent();
        using var theirs = new SimulatedAgent();
        using var module = new ModuleRunspace(mine);
        module.StartWarm(1);
        using (var other = new ModuleRunspace(theirs))
        {
            other.StartWarm(1);
            other.Run("Remove-Module KiroPool; Import-Module $Manifest -Force; Stop-KiroPool").WithoutError();
        }

        Assert.Equal(1, mine.LiveProcesses);
        Assert.Equal("You said: still here", module.Run("Invoke-KiroPrompt 'still here'").WithoutError().Result.Text);
    }

    [Fact]
    public void A_pool_ends_with_its_runspace_even_if_another_uses_it()
    {
        using var agent = new SimulatedAgent();
        using var guest = new ModuleRunspace();
        using (var owner = new ModuleRunspace(agent))
            guest.Set("Pool", owner.StartWarm(1));

        Assert.StartsWith("PoolStopped,", guest.Run("Invoke-KiroPrompt 'x' -Pool $Pool").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
