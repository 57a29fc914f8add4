using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>
/// The serialization of results for jobs, remoting and Clixml. It is registered by code, because the types file of a
/// second copy or a later version of the module would fail on members that exist already.
/// </summary>
internal static class Serialization
{
    /// <summary>Deep enough for the tool calls of a result and the processes of statistics to pass whole.</summary>
    private const int Depth = 3;

    /// <summary>Registers the types in the current runspace. Without Update-TypeData the engine's own depth stays.</summary>
    public static void Register()
    {
        Update(typeof(PromptResult), "SerializationDepth", Depth);
        Update(typeof(PoolStatistics), "SerializationDepth", Depth);

        // A file as InputObject: elsewhere only its path is useful.
        Update(InputTravel.FileTypeName, "SerializationMethod", "String");
    }

    private static void Update(Type type, string setting, object value) => Update(type.FullName!, setting, value);

    private static void Update(string typeName, string setting, object value)
    {
        using var update = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        update.AddCommand(@"Microsoft.PowerShell.Utility\Update-TypeData")
            .AddParameter("TypeName", typeName)
            .AddParameter(setting, value)
            .AddParameter("Force")
            .AddParameter("Confirm", false)
            .AddParameter("WhatIf", false);
        try
        {
            update.Invoke();
        }
        catch (CommandNotFoundException)
        {
            // A restricted runspace has no jobs and no Clixml either.
        }
    }
}
