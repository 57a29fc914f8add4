using System.Management.Automation.Runspaces;

namespace KiroPool.Formatting;

/// <summary>The serialization of results for jobs, remoting and Clixml.</summary>
internal static class Serialization
{
    /// <summary>Deep enough for the tool calls of a result and the processes of statistics to pass whole.</summary>
    private const uint Depth = 3;

    /// <summary>Registers the types in the current runspace.</summary>
    public static void Register() => TypeUpdate.Apply(
    [
        WithComputerName(ResultMembers.Describe(Depth)),
        new TypeData(typeof(PoolStatistics)) { SerializationDepth = Depth },
        WithComputerName(new TypeData(typeof(PoolProcess))),
        WithComputerName(new TypeData(typeof(PoolHostStatistics))),

        // A file as InputObject: elsewhere only its path is useful.
        new TypeData(InputTravel.FileTypeName) { SerializationMethod = "String" },
        .. DisplaySets.All,
    ]);

    /// <summary>Scripts group and filter results of remoting by this name. Copies that passed through remoting get it from there.</summary>
    private static TypeData WithComputerName(TypeData type)
    {
        type.Members.Add("PSComputerName", new AliasPropertyData("PSComputerName", nameof(PromptResult.HostName)) { IsHidden = true });
        return type;
    }
}
