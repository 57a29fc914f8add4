using System.IO.Enumeration;
using System.Reflection;
using Microsoft.Testing.Platform.CommandLine;

namespace KiroPool.Pester;

/// <summary>The files to run, and the PowerShell and Pester for them.</summary>
/// <param name="Files">The test files.</param>
/// <param name="Names">Wildcards of test names; none means all.</param>
/// <param name="Shell">The program that is PowerShell, and its first arguments.</param>
/// <param name="Pester">Pester's manifest.</param>
internal sealed record PesterSuite(IReadOnlyList<FileInfo> Files, string[] Names, string[] Shell, string Pester)
{
    private const string Ending = ".Tests.ps1";

    // These take half a minute and more. When they begin first, the last ones end at about the same time.
    private static readonly string[] Long = ["Runbooks", "Quickstart", "Package", "Console"];

    public static PesterSuite Of(ICommandLineOptions options)
    {
        string[] patterns = options.TryGetOptionArgumentList(PesterOptions.File, out string[]? files) ? files : ["*"];
        string[] names = options.TryGetOptionArgumentList(PesterOptions.Name, out string[]? wanted) ? wanted : [];
        string[] shell = options.TryGetOptionArgumentList(PesterOptions.Pwsh, out string[]? pwsh) ? pwsh : ToolShell();
        string version = options.TryGetOptionArgumentList(PesterOptions.Pester, out string[]? pester) ? pester[0] : Metadata("PesterVersion");
        return new PesterSuite(Matching(patterns), names, shell, Path.Combine(Metadata("Pester"), version, "tools", "Pester.psd1"));
    }

    private static FileInfo[] Matching(string[] patterns) =>
    [
        .. new DirectoryInfo(Metadata("Suite")).GetFiles('*' + Ending)
            .Where(file => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, file.Name.AsSpan()[..^Ending.Length])))
            .OrderByDescending(file => Long.Contains(file.Name[..^Ending.Length]))
            .ThenByDescending(file => file.Length),
    ];

    // Copied by the build; dotnet runs it on every system and processor.
    private static string[] ToolShell() =>
        [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "pwsh", "pwsh.dll")];

    private static string Metadata(string key) =>
        typeof(PesterSuite).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
