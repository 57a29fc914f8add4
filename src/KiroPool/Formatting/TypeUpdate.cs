using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>
/// Type data of the current runspace. It is registered by code, because the types file of a second copy or a later version
/// of the module would fail on members that exist already.
/// </summary>
internal static class TypeUpdate
{
    /// <summary>Adds or replaces the data of a type. Without Update-TypeData nothing changes.</summary>
    public static void Apply(TypeData type)
    {
        using var update = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        update.AddCommand(@"Microsoft.PowerShell.Utility\Update-TypeData")
            .AddParameter("TypeData", type)
            .AddParameter("Force")
            .AddParameter("Confirm", false)
            .AddParameter("WhatIf", false);
        try
        {
            update.Invoke();
        }
        catch (CommandNotFoundException)
        {
            // A restricted runspace shows and serializes objects in PowerShell's own way.
        }
    }
}
