using System.Diagnostics;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

/// <summary>Another process with pools in it (tests/TestHost), which a test can end in any way.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    /// <param name="agent">What its pools start.</param>
    /// <param name="mostHandles">How many file handles it may have; null for as many as the test has.</param>
    public HostProcess(SimulatedAgent agent, int? mostHandles = null)
    {
        string[] command = [Repository.TestHost, agent.Spec.Executable, agent.Folder];
        if (mostHandles is { } most)
            command = ["/bin/sh", "-c", $"ulimit -n {most}; exec \"$@\"", "sh", .. command];
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in agent.Spec.Environment)
            info.Environment[name] = value;
        _process = Process.Start(info)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>The processes of its agents, found by its marker. The host itself does not have the marker.</summary>
    public IReadOnlyList<int> Agents => LiveProcesses.Marked(AgentMarker.Variable, $"{Id}-");

    /// <summary>Its guardians. There should be one.</summary>
    public IReadOnlyList<int> Guardians => LiveProcesses.Running("kiropool-guardian", $"{Id}-");

    /// <summary>Sends a command and waits for the answer.</summary>
    public async Task<string> DoAsync(string word)
    {
        await TellAsync(word);
        return await AnswerAsync();
    }

    /// <summary>Sends a command without an answer.</summary>
    public async Task TellAsync(string word)
    {
        await _process.StandardInput.WriteLineAsync(word);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Sends it SIGTERM.</summary>
    public Task TerminateAsync() => SignalAsync("-TERM");

    /// <summary>Has it stand still, as Ctrl+Z or a suspended machine does. Its agents go on.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    /// <summary>Has it go on.</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/kill", [signal, $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the answer to a word that was said before.</summary>
    public async Task<string> AnswerAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Limit) ?? throw new InvalidOperationException("The host ended.");

    /// <summary>Sends it SIGKILL: no code of it runs any more.</summary>
    public void Kill() => LiveProcesses.Kill(Id);

    public Task ExitedAsync() => _process.WaitForExitAsync().WaitAsync(Limit);

    /// <summary>Ends the processes that a broken test has left.</summary>
    public void Dispose()
    {
        foreach (int id in (int[])[Id, .. Agents])
            LiveProcesses.Kill(id);
        _process.Dispose();
    }
}
