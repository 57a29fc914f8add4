using System.Diagnostics;

namespace KiroPool.Testing;

/// <summary>
/// The agent in tests/ConformanceAgent, with its packages. They are installed here, once, from their lock file. Only a
/// machine without node or npm skips its tests; elsewhere a failed installation is a failure.
/// </summary>
internal static class ConformanceAgent
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(3);

    private static readonly Lazy<string> Installed = new(Install);

    /// <summary>The node program.</summary>
    public static string Node => Find("node") ?? Skipped("node");

    /// <summary>The agent's script, ready to run.</summary>
    public static string Script => Path.Combine(Installed.Value, "agent.js");

    private static string Install()
    {
        string folder = Repository.ConformanceAgent;
        if (IsInstalled(folder))
            return folder;

        string npm = Find("npm") ?? Skipped("npm");
        using Process process = Process.Start(new ProcessStartInfo(npm, ["ci", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(InstallLimit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'npm ci' in {folder} has not ended after {InstallLimit.TotalMinutes} minutes.");
        }

        Assert.True(process.ExitCode == 0 && IsInstalled(folder), $"'npm ci' in {folder} ended with exit code {process.ExitCode}:\n{output.Result}{errors.Result}");
        return folder;
    }

    // npm writes its own copy of the lock file last.
    private static bool IsInstalled(string folder)
    {
        var done = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        return done.Exists && done.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json"));
    }

    private static string? Find(string program)
    {
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => endings.Select(ending => Path.GetFullPath(Path.Combine(folder, program + ending))))
            .FirstOrDefault(File.Exists);
    }

    private static string Skipped(string program)
    {
        Assert.Skip($"The agent of these tests needs {program}, which is not on PATH.");
        return program;
    }
}
