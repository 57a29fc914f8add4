using System.Diagnostics.CodeAnalysis;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A real process for tests of processes: /bin/sh with a script. Unix only.</summary>
internal sealed class ShellAgent : IAsyncDisposable
{
    private readonly StreamReader _output;

    private ShellAgent(AgentProcess process)
    {
        Process = process;
        _output = new StreamReader(process.Output, new UTF8Encoding(false));
    }

    public AgentProcess Process { get; }

    public static ShellAgent Start(string script, params string[] arguments) =>
        Start(new AgentCommand("/bin/sh", ["-c", script, "script", .. arguments], "/", new Dictionary<string, string?>()));

    [SuppressMessage("Performance", "CA1859", Justification = "A command takes what the engine gives it.")]
    public static ShellAgent Start(AgentCommand command) => new(AgentLauncher.Start(command));

    /// <summary>Skips the test on systems without Unix processes.</summary>
    public static void Require() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no sh and no signals.");

    /// <summary>Reads a line of its stdout; null at the end.</summary>
    public Task<string?> ReadLineAsync() => _output.ReadLineAsync().InTime();

    public Task<string> ReadToEndAsync() => _output.ReadToEndAsync().InTime();

    /// <summary>Reads a line that is a process id.</summary>
    public async Task<int> ReadIdAsync() => int.Parse((await ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether a process runs. A zombie does not run.</summary>
    public static bool IsRunning(int processId)
    {
        if (OperatingSystem.IsLinux())
            return ProcStat.TryRead(processId) is { IsDead: false };
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public Task StopAsync(StopGraces graces, TimeProvider? time = null) => Process.StopAsync(graces, time ?? TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopGraces.None).InTime();
        _output.Dispose();
    }
}
