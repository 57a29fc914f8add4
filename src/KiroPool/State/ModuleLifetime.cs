using System.Management.Automation;
using KiroPool.Engine.Pooling;
using KiroPool.Formatting;

namespace KiroPool.State;

/// <summary>
/// Ends the runspace's pool when the module is removed from it, by Remove-Module or Import-Module -Force. Importing
/// starts nothing; it says how results are serialized. Pools of other runspaces live on.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // Longer than the stop ladder takes with a stubborn agent.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Called by PowerShell in the runspace the module is imported into.</summary>
    public void OnImport() => Serialization.Register();

    /// <summary>Called by PowerShell in the runspace the module is removed from.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (RunspacePool.Current is not { } pool)
            return;
        pool.Pool.StopAsync(PoolStopMode.Cancel).Wait(StopLimit);
        RunspacePool.Disown(pool);
    }
}
