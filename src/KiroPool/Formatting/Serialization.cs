using System.Management.Automation;

namespace KiroPool.Formatting;

/// <summary>
/// How results pass through jobs, remoting and Clixml. Said by code: a types file of a second copy or a later version of
/// the module, imported beside the first, would end in an error about members that are there already.
/// </summary>
internal static class Serialization
{
    /// <summary>Deep enough for the tool calls of a result and the processes of statistics to pass whole.</summary>
    private const int Depth = 3;

    /// <summary>Tells the current runspace. In one without Update-TypeData the engine's own depth stays.</summary>
    public static void Register()
    {
        Update(typeof(PromptResult), "SerializationDepth", Depth);
        Update(typeof(PoolStatistics), "SerializationDepth", Depth);

        // A file as a result's InputObject: its path is what is of use elsewhere.
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
            // A runspace that was given few commands has no jobs and no Clixml either.
        }
    }
}
