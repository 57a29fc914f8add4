using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace KiroPool.Benchmarks.Running;

/// <summary>Describes the machine of the figures without naming it.</summary>
internal static class Machine
{
    public static string Describe(Effort effort) => string.Create(
        CultureInfo.InvariantCulture,
        $"Measured {DateTime.UtcNow:yyyy-MM-dd} at commit {Commit()}, {effort.Rounds} rounds, on {Environment.ProcessorCount} processors, {Os()} {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}, {RuntimeInformation.FrameworkDescription}.");

    private static string Os() => OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsMacOS() ? "macOS" : OperatingSystem.IsWindows() ? "Windows" : "another system";

    /// <summary>The commit of the sources; marked when files that are built differ from it.</summary>
    private static string Commit()
    {
        string? commit = Git("rev-parse", "--short", "HEAD");
        if (commit is null)
            return "(unknown)";
        return string.IsNullOrEmpty(Git("status", "--porcelain", "--", "src", "tests/Benchmarks")) ? commit : $"{commit} with changes";
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
