using System.Diagnostics;

namespace KiroPool.Pester;

/// <summary>Runs Invoke-TestFile.ps1 for one file in a new pwsh.</summary>
internal sealed class PesterProcess(PesterSuite suite)
{
    private static readonly string Home = Path.Combine(AppContext.BaseDirectory, "home");

    /// <summary>Runs the file's tests, or only finds them.</summary>
    /// <returns>The report; if pwsh ended without one, a failure with its output.</returns>
    public async Task<PesterReport> RunAsync(FileInfo file, bool discoverOnly, CancellationToken cancellation)
    {
        string report = Path.GetTempFileName();
        try
        {
            using Process pwsh = Process.Start(StartInfo(file, discoverOnly, report))!;
            using CancellationTokenRegistration kill = cancellation.Register(() => pwsh.Kill(entireProcessTree: true));
            pwsh.StandardInput.Close();
            Task<string> output = pwsh.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> errors = pwsh.StandardError.ReadToEndAsync(CancellationToken.None);
            await pwsh.WaitForExitAsync(cancellation);
            if (new FileInfo(report).Length > 0)
                return PesterReport.Read(report);
            string written = $"{await output}{await errors}".Trim();
            return new PesterReport([], [new PesterFailure(file.Name, $"pwsh ended with exit code {pwsh.ExitCode} and without a report. It wrote:{Environment.NewLine}{written}", "")]);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private ProcessStartInfo StartInfo(FileInfo file, bool discoverOnly, string report)
    {
        var start = new ProcessStartInfo(suite.Shell[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            .. suite.Shell[1..], "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", Path.Combine(AppContext.BaseDirectory, "Invoke-TestFile.ps1"),
            "-Path", file.FullName, "-Pester", suite.Pester, "-Report", report,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (discoverOnly)
            start.ArgumentList.Add("-DiscoverOnly");
        start.Environment["KIROPOOL_TEST_NAMES"] = string.Join('\n', suite.Names);

        // The tests use separate modules, settings and history from those of the user.
        start.Environment.Remove("PSModulePath");
        foreach (string kind in (string[])["CACHE", "CONFIG", "DATA"])
            start.Environment[$"XDG_{kind}_HOME"] = Directory.CreateDirectory(Path.Combine(Home, kind.ToLowerInvariant())).FullName;
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        return start;
    }
}
