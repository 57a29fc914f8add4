using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>One running agent program: its streams, its end, and the way it is ended together with all it started.</summary>
internal sealed class AgentProcess
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly bool _leadsGroup;
    private readonly StderrTail _stderr = new();
    private readonly Task _stderrDrained;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();
    private readonly object _gate = new();
    private Task? _stopping;

    public AgentProcess(Process process, bool leadsGroup)
    {
        _process = process;
        _leadsGroup = leadsGroup;
        Id = process.Id;
        _stderrDrained = _stderr.DrainAsync(process.StandardError.BaseStream);
        process.Exited += (_, _) => _exited.TrySetResult(process.ExitCode);

        // The event is not raised for a process that ended before the handler was there.
        if (process.HasExited)
            _exited.TrySetResult(process.ExitCode);
    }

    /// <summary>The process id; with <c>setsid</c> also the id of its group and session.</summary>
    public int Id { get; }

    /// <summary>The agent's stdin: raw bytes, no byte order mark.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The agent's stdout.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Completes with the exit code when the agent itself has ended; what it started may still run.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>The end of what the agent wrote to stderr.</summary>
    public StderrTail StandardError => _stderr;

    /// <summary>Resident memory of the agent in bytes; null when it is gone.</summary>
    public long? ReadMemoryBytes()
    {
        try
        {
            // The Process object caches what it read; a fresh one also needs no lock.
            using var process = Process.GetProcessById(Id);
            return _exited.Task.IsCompleted ? null : process.WorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The end of stderr, given a moment to arrive after the process has gone.</summary>
    public async Task<string> ReadStderrTailAsync()
    {
        if (Exited.IsCompleted)
            await Task.WhenAny(_stderrDrained, Task.Delay(200)).ConfigureAwait(false);
        return _stderr.ToString();
    }

    /// <summary>
    /// Ends the agent and its group: closes stdin, then SIGTERM, then SIGKILL, each after its grace. Completes when
    /// nothing of the group is left. Calling it again joins the stop under way; <see cref="StopGraces.None"/> hurries it.
    /// </summary>
    public Task StopAsync(StopGraces graces, TimeProvider time)
    {
        if (graces == StopGraces.None)
            _hurry.Cancel();
        lock (_gate)
            return _stopping ??= Task.Run(() => ClimbStopLadderAsync(graces, time));
    }

    private async Task ClimbStopLadderAsync(StopGraces graces, TimeProvider time)
    {
        CloseInput();
        if (!await GoneWithinAsync(graces.AfterInputClosed, time).ConfigureAwait(false))
        {
            Terminate();
            if (!await GoneWithinAsync(graces.AfterTerminate, time).ConfigureAwait(false))
                await KillAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    /// <summary>Waits for the agent and then for the rest of its group; a hurried stop waits no longer.</summary>
    private async Task<bool> GoneWithinAsync(TimeSpan grace, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry.Token);
        try
        {
            await Exited.WaitAsync(either.Token).ConfigureAwait(false);
            while (IsGroupAlive())
                await Task.Delay(PollInterval, time, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return Exited.IsCompleted && !IsGroupAlive();
        }
    }

    private bool IsGroupAlive() => _leadsGroup && ProcessGroup.HasLiveMembers(Id);

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.BaseStream.Dispose();
        }
        catch (IOException)
        {
            // Bytes nobody took before the other end closed.
        }
    }

    private void Terminate()
    {
        if (_leadsGroup)
            ProcessGroup.Terminate(Id);
    }

    private async Task KillAsync()
    {
        if (_leadsGroup)
            ProcessGroup.Kill(Id);
        else if (!Exited.IsCompleted)
            _process.Kill(entireProcessTree: true);

        // SIGKILL cannot be refused, but a process in uninterruptible sleep takes it late; nothing more can be done then.
        long deadline = Environment.TickCount64 + (long)KillLimit.TotalMilliseconds;
        while ((!Exited.IsCompleted || IsGroupAlive()) && Environment.TickCount64 < deadline)
            await Task.Delay(PollInterval).ConfigureAwait(false);
    }
}
