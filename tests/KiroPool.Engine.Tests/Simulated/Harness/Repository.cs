namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Where the programs are that these tests run, built in the configuration of the tests.</summary>
internal static class Repository
{
    /// <summary>The program that stands in for kiro-cli.</summary>
    public static string Simulator { get; } = Program(Path.Combine("src", "KiroPool.Simulator"), "kiro-cli-simulator");

    /// <summary>A process with pools of its own, to be ended in every way a host can end.</summary>
    public static string TestHost { get; } = Program(Path.Combine("tests", "TestHost"), "TestHost");

    /// <summary>The folder of an agent that is built on the protocol's own SDK.</summary>
    public static string ConformanceAgent { get; } = Path.Combine(Root(), "tests", "ConformanceAgent");

    private static string Program(string folder, string name)
    {
        string path = Path.Combine(Root(), folder, "bin", Configuration(), "net10.0", OperatingSystem.IsWindows() ? name + ".exe" : name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not built.");
    }

    private static string Root() => Above(folder => File.Exists(Path.Combine(folder.FullName, "KiroPool.sln"))).FullName;

    /// <summary>bin/Debug/net10.0 here, and bin/Debug/net8.0/linux-x64 where the runtime is included.</summary>
    private static string Configuration() => Above(folder => folder.Parent?.Name == "bin").Name;

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
