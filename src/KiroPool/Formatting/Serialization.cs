using System.Management.Automation.Runspaces;
using KiroPool.Binding;

namespace KiroPool.Formatting;

/// <summary>How results pass through jobs, remoting and Clixml.</summary>
internal static class Serialization
{
    /// <summary>Deep enough for the tool calls of a result and the processes of statistics to pass whole.</summary>
    private const int Depth = 3;

    /// <summary>Registers it in the current runspace.</summary>
    public static void Register()
    {
        TypeUpdate.Apply(new TypeData(typeof(PromptResult)) { SerializationDepth = Depth });
        TypeUpdate.Apply(new TypeData(typeof(PoolStatistics)) { SerializationDepth = Depth });

        // A file as a result's InputObject: its path is what is of use elsewhere.
        TypeUpdate.Apply(new TypeData(InputTravel.FileTypeName) { SerializationMethod = "String" });
    }
}
