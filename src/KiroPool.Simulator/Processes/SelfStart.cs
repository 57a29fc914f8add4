using System.Diagnostics;
using System.Reflection;

namespace KiroPool.Simulator;

/// <summary>Starts this program once more, in a part it plays when its first argument says so.</summary>
internal static class SelfStart
{
    /// <summary>First argument of the working process under a wrapper.</summary>
    public const string Wrapped = "--simulator-wrapped";

    /// <summary>First argument of the sleeping grandchild.</summary>
    public const string Sleeper = "--simulator-sleeper";

    public static Process Start(IEnumerable<string> arguments, bool ownStreams)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is unknown");
        ProcessStartInfo info = new(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = ownStreams,
            RedirectStandardOutput = ownStreams,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll"));
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        return Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
