using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>
/// What the current runspace knows of a type beside the type itself. Changed by code: a types file of a second copy or a
/// later version of the module, imported beside the first, would end in errors about members that are there already.
/// </summary>
internal static class TypeUpdate
{
    /// <summary>Adds or replaces data of a type. A runspace that was given few commands may lack Update-TypeData; nothing changes there.</summary>
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
            // Objects are then shown and serialized as PowerShell does by itself.
        }
    }
}
