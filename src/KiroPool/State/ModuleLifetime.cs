using System.Management.Automation;
using KiroPool.Engine.Pooling;
using KiroPool.Formatting;

namespace KiroPool.State;

/// <summary>
/// Ends the pool of the runspace when the module is removed by Remove-Module or Import-Module -Force. Importing starts no
/// process; it registers the serialization of results. Pools of other runspaces stay.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // Longer than the stop ladder of a stubborn agent.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>PowerShell calls this in the runspace that imports the module.</summary>
    public void OnImport() => Serialization.Register();

    /// <summary>PowerShell calls this in the runspace that removes the module.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (RunspacePool.Current is not { } pool)
            return;
        pool.Pool.StopAsync(PoolStopMode.Cancel).Wait(StopLimit);
        RunspacePool.Disown(pool);
    }
}
