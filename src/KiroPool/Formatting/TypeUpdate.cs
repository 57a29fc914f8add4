using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>
/// Type data of the current runspace. It is registered by code, because the types file of a second copy or a later version
/// of the module would fail on members that exist already.
/// </summary>
internal static class TypeUpdate
{
    // By its name, the command would first import the module Microsoft.PowerShell.Utility, which takes longer than all else.
    private static readonly Lazy<CmdletInfo?> Command = new(() =>
        Type.GetType("Microsoft.PowerShell.Commands.UpdateTypeDataCommand, Microsoft.PowerShell.Commands.Utility") is { } type ? new CmdletInfo("Update-TypeData", type) : null);

    /// <summary>Adds or replaces the data of types, all in one command. In a host without that command nothing changes.</summary>
    public static void Apply(params TypeData[] types)
    {
        if (Command.Value is not { } command)
            return;
        using var update = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        update.AddCommand(command)
            .AddParameter("TypeData", types)
            .AddParameter("Force")
            .AddParameter("Confirm", false)
            .AddParameter("WhatIf", false)
            .Invoke();
    }
}
