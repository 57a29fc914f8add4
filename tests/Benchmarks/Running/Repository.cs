namespace KiroPool.Testing;

internal static partial class Repository
{
    /// <summary>This program, to be run in another role.</summary>
    public static string Benchmarks { get; } = Path.Combine(AppContext.BaseDirectory, Executable("Benchmarks"));

    public static string Page => Path.Combine(Root, "docs", "benchmarks.md");

    /// <summary>The path of a program on PATH, if it is there.</summary>
    public static string? FindOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Executable(name)))
            .FirstOrDefault(File.Exists);

    private static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}
