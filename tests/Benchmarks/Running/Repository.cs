namespace KiroPool.Benchmarks.Running;

/// <summary>Where the programs and pages are, built in the configuration of the benchmarks.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>This program, to be run in another role.</summary>
    public static string Benchmarks { get; } = Path.Combine(AppContext.BaseDirectory, Executable("Benchmarks"));

    /// <summary>The program that stands in for kiro-cli.</summary>
    public static string Simulator { get; } = Path.Combine(Root, "src", "KiroPool.Simulator", "bin", Configuration, "net10.0", Executable("kiro-cli-simulator"));

    /// <summary>The built module's manifest.</summary>
    public static string Manifest { get; } = Path.Combine(Root, "out", "KiroPool", typeof(PromptResult).Assembly.GetName().Version!.ToString(3), "KiroPool.psd1");

    public static string Page { get; } = Path.Combine(Root, "docs", "benchmarks.md");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The path of a program on PATH, if it is there.</summary>
    public static string? FindOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Executable(name)))
            .FirstOrDefault(File.Exists);

    private static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KiroPool.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No KiroPool.sln above {AppContext.BaseDirectory}");
    }
}
