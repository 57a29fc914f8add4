namespace KiroPool.Tests.Harness;

/// <summary>Where the things under test are.</summary>
/// <remarks>
/// Scripts import the module from where a build leaves it. The test project references the same project, and .NET loads an
/// assembly of that name once: the tests' own copy stands for both, so results can be used as what they are. That the
/// copy is the module that was built is what <see cref="ModuleTests.Scripts_and_tests_use_the_same_assembly"/> checks.
/// </remarks>
internal static class Repository
{
    /// <summary>The folder of KiroPool.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built module's manifest.</summary>
    public static string Manifest { get; } =
        Path.Combine(Root, "out", "KiroPool", typeof(PromptResult).Assembly.GetName().Version!.ToString(3), "KiroPool.psd1");

    /// <summary>The program that stands in for kiro-cli, built in the configuration of these tests.</summary>
    public static string Simulator { get; } = Path.Combine(
        Root, "src", "KiroPool.Simulator", "bin", Configuration, "net10.0", OperatingSystem.IsWindows() ? "kiro-cli-simulator.exe" : "kiro-cli-simulator");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KiroPool.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No KiroPool.sln above {AppContext.BaseDirectory}");
    }
}
