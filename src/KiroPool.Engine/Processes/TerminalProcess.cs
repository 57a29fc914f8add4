using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes;

/// <summary>The end of a command.</summary>
/// <param name="ExitCode">Its exit code; null if it was killed.</param>
/// <param name="Signal">The signal that killed it; null if it ended by itself.</param>
internal sealed record TerminalExit(uint? ExitCode, string? Signal);

/// <summary>
/// A command that an agent lets the host run. It has a process session of its own and no input, the guardian watches it,
/// and a stop ends all processes that it started.
/// </summary>
internal sealed class TerminalProcess
{
    private readonly AgentProcess _process;
    private readonly TerminalOutput _output;
    private volatile bool _wasKilled;

    private TerminalProcess(AgentProcess process, TerminalOutput output, Task stderrDrained)
    {
        (_process, _output) = (process, output);
        process.Input.Dispose();
        Ended = WaitForEndAsync(Task.WhenAll(output.DrainAsync(process.Output), stderrDrained));
    }

    /// <summary>Completes when the command has ended, its output was read, and no process of it is left.</summary>
    public Task<TerminalExit> Ended { get; }

    /// <summary>The output so far.</summary>
    public (string Text, bool IsCut) ReadOutput() => _output.Read();

    /// <summary>Starts a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="limit">The number of bytes of output to keep.</param>
    /// <exception cref="AgentException">It cannot be started.</exception>
    public static async Task<TerminalProcess> StartAsync(AgentCommand command, int limit)
    {
        var output = new TerminalOutput(limit, ProcessText.SystemEncoding);
        Task stderrDrained = Task.CompletedTask;
        AgentProcess process = await AgentLauncher.LaunchAsync(command, far: null, stderr => stderrDrained = output.DrainAsync(stderr)).ConfigureAwait(false);
        return new TerminalProcess(process, output, stderrDrained);
    }

    /// <summary>Ends the command and all processes that it started, at once. Its end is known when this completes.</summary>
    public async Task KillAsync()
    {
        _wasKilled |= !_process.HasEnded;
        await _process.StopAsync(StopGraces.None, TimeProvider.System).ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    private async Task<TerminalExit> WaitForEndAsync(Task drained)
    {
        int code = await _process.Exited.ConfigureAwait(false);

        // A child of the command can hold its output open for ever.
        await HostPause.SettleAsync(drained, AgentProcess.DrainLimit).ConfigureAwait(false);

        // The rest of the tree is ended now, before the system can reuse the process id.
        await _process.StopAsync(StopGraces.None, TimeProvider.System).ConfigureAwait(false);
        return _wasKilled && !OperatingSystem.IsWindows() ? new TerminalExit(null, "SIGKILL") : new TerminalExit(unchecked((uint)code), null);
    }
}
