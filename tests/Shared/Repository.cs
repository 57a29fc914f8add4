using KiroPool.Engine;

namespace KiroPool.Testing;

/// <summary>The places of the repository: what a build leaves there is tested and measured.</summary>
internal static partial class Repository
{
    /// <summary>The folder of KiroPool.sln.</summary>
    public static string Root { get; } = Above(folder => File.Exists(Path.Combine(folder.FullName, "KiroPool.sln"))).FullName;

    /// <summary>The built module's manifest.</summary>
    public static string Manifest { get; } =
        Path.Combine(Root, "out", "KiroPool", typeof(AgentPool).Assembly.GetName().Version!.ToString(3), "KiroPool.psd1");

    /// <summary>The folder of the agent on the protocol's own SDK.</summary>
    public static string ConformanceAgent => Path.Combine(Root, "tests", "ConformanceAgent");

    /// <summary>The program that stands in for kiro-cli.</summary>
    public static string Simulator { get; } = Program(Path.Combine("src", "KiroPool.Simulator"), "kiro-cli-simulator");

    /// <summary>The path of a program that is built in the configuration of the running one.</summary>
    private static string Program(string folder, string name)
    {
        // bin/Debug/net10.0, and bin/Debug/net8.0/linux-x64 if the runtime is included.
        string configuration = Above(folder => folder.Parent?.Name == "bin").Name;
        string path = Path.Combine(Root, folder, "bin", configuration, "net10.0", OperatingSystem.IsWindows() ? name + ".exe" : name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not built.");
    }

    private static DirectoryInfo Above(Func<DirectoryInfo, bool> isIt)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (isIt(folder))
                return folder;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository.");
    }
}
