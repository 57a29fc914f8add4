using System.Diagnostics;
using System.Text.Json;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>Runs a host program in a new process, for figures that need one, and reads them.</summary>
internal static class HostProcess
{
    /// <summary>The argument that makes this program a host.</summary>
    public const string Role = "host";

    public static async Task<Dictionary<string, double>> RunAsync(string host, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Repository.Benchmarks, [Role, host, .. arguments]) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Dictionary<string, double>>(output)!
            : throw new InvalidOperationException($"The host '{host}' ended with exit code {process.ExitCode}: {output}");
    }
}
