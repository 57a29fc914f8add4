using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes.Far;

namespace KiroPool.Engine.Processes;

/// <summary>One running agent program: its streams, its exit, and the stop ladder for it and the processes it started.</summary>
internal sealed class AgentProcess
{
    /// <summary>The limit for reading the rest of the pipe after an exit. A surviving child may hold the pipe open for ever.</summary>
    public static readonly TimeSpan DrainLimit = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan StderrLimit = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(160);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(2);

    private readonly ChildProcess _child;
    private readonly AgentTree _tree;
    private readonly StderrTail _stderr = new();
    private readonly Task _stderrDrained;
    private readonly CancellationTokenSource _hurry = new();
    private readonly object _gate = new();
    private readonly FarEnd? _far;
    private Task? _stopping;

    public AgentProcess(ChildProcess child, AgentTree tree, FarEnd? far = null, Func<Stream, Task>? drainStderr = null)
    {
        _child = child;
        _far = far;
        _tree = far?.Attach(tree) ?? tree;
        _stderrDrained = drainStderr?.Invoke(child.Error) ?? far?.Report.DrainAsync(child.Error, _stderr) ?? _stderr.DrainAsync(child.Error);
        Exited = far is null ? child.Exited : FarExitAsync(child.Exited, far);
    }

    /// <summary>The process id; with <c>setsid</c> also the id of its group and session.</summary>
    public int Id => _child.Id;

    /// <summary>The id of the agent on its host. With ssh between, <see cref="Id"/> is that of ssh.</summary>
    public int AgentId => _far?.Report.GroupId ?? Id;

    /// <summary>How the link to the agent's host was lost; null if it was not.</summary>
    public LinkLoss? Loss => _far?.Loss;

    /// <summary>The agent's stdin: raw bytes, no byte order mark.</summary>
    public Stream Input => _child.Input;

    /// <summary>The agent's stdout.</summary>
    public Stream Output => _child.Output;

    /// <summary>Completes with the exit code when the agent itself has ended. Processes it started may still run.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether the agent itself has ended. This is true even before <see cref="Exited"/> completes.</summary>
    public bool HasEnded => Exited.IsCompleted || _child.HasEnded;

    /// <summary>The last part of the agent's stderr.</summary>
    public StderrTail StandardError => _stderr;

    /// <summary>Resident memory of the agent and the processes it started, in bytes; null when they are gone, or cannot be measured now.</summary>
    public long? ReadMemoryBytes()
    {
        try
        {
            return _stopping is { IsCompleted: true } ? null : _tree.ReadMemoryBytes();
        }
        catch (Exception e) when (IsScanFailure(e))
        {
            return null;
        }
    }

    /// <summary>The last part of stderr. Waits a moment for output that arrives after the exit.</summary>
    public async Task<string> ReadStderrTailAsync()
    {
        if (Exited.IsCompleted)
            await HostPause.SettleAsync(_stderrDrained, StderrLimit).ConfigureAwait(false);
        return _stderr.ToString();
    }

    /// <summary>Describes the end of the process, with the last part of its stderr.</summary>
    public async Task<string> DescribeEndAsync(string when)
    {
        await HostPause.SettleAsync(Exited, DrainLimit).ConfigureAwait(false);
        string how = Exited.IsCompletedSuccessfully ? $"ended with exit code {await Exited.ConfigureAwait(false)}" : "closed its output";
        string where = _far is null ? "" : $" on the host '{_far.Host.Name}'";
        return $"The agent (process {AgentId}{where}) {how} {when}. {StderrTail.Quote(AnsiText.Strip(await ReadStderrTailAsync().ConfigureAwait(false)))}";
    }

    /// <summary>The failure that the end of the process is: that of its link, or one of its own.</summary>
    public async Task<AgentException> ExplainEndAsync(FailureKind kind, string when, Exception? cause = null)
    {
        string text = await DescribeEndAsync(when).ConfigureAwait(false);
        return Loss is { } loss
            ? loss.ToFailure(when, AnsiText.Strip(_stderr.ToString()), cause)
            : new AgentException(kind, text, cause);
    }

    /// <summary>Ends the program here, because its link is lost. The far side ends the agent.</summary>
    public Task CutAsync() => _far is null ? Task.CompletedTask : _far.CutAsync();

    /// <summary>
    /// Ends the agent and the processes it started: closes stdin, then SIGTERM, then SIGKILL, each after its grace.
    /// Windows has no SIGTERM, so there the second grace is skipped.
    /// Completes when no process is left. A second call joins the running stop; <see cref="StopGraces.None"/> hurries it.
    /// </summary>
    public Task StopAsync(StopGraces graces, TimeProvider time)
    {
        if (graces == StopGraces.None)
            _hurry.Cancel();
        lock (_gate)
            return _stopping ??= OwnWork.Run(() => Task.Run(() => ClimbStopLadderAsync(graces, time)));
    }

    /// <summary>A far agent's exit code is what its stub says. That of the prefix may be its own.</summary>
    private async Task<int> FarExitAsync(Task<int> ofPrefix, FarEnd far)
    {
        int exitCode = await ofPrefix.ConfigureAwait(false);
        await HostPause.SettleAsync(_stderrDrained, DrainLimit).ConfigureAwait(false);

        // A far side that has the streams of its prefix may still report the end that the stop ladder then brings about.
        far.DecideLoss();
        return far.Report.ExitCode ?? exitCode;
    }

    private async Task ClimbStopLadderAsync(StopGraces graces, TimeProvider time)
    {
        try
        {
            CloseInput();
            if (await IsGoneWithinAsync(graces.AfterInputClosed, time).ConfigureAwait(false))
                return;
            if (!await _tree.TerminateAsync().ConfigureAwait(false) || !await IsGoneWithinAsync(graces.AfterTerminate, time).ConfigureAwait(false))
                await KillAsync().ConfigureAwait(false);
        }
        finally
        {
            await ProcessGuardian.Shared.ForgetAsync(Id).ConfigureAwait(false);
            await Task.WhenAny(_stderrDrained, Task.Delay(LongestPoll)).ConfigureAwait(false);
            _child.Dispose();
            await _tree.FenceAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the agent and then for the rest of its tree. A hurried stop ends the wait. A pause of the host is no part of the grace.</summary>
    private async Task<bool> IsGoneWithinAsync(TimeSpan grace, TimeProvider time)
    {
        using var limit = new StepLimit(grace, turn: null, time, _hurry.Token);
        try
        {
            await Exited.WaitAsync(limit.Token).ConfigureAwait(false);

            // A scan of all processes is not free, so the interval grows. It is one of the system, whatever clock the grace has.
            for (TimeSpan poll = FirstPoll; await IsTreeAliveAsync().ConfigureAwait(false); poll = poll < LongestPoll ? poll * 2 : LongestPoll)
                await Task.Delay(poll, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return Exited.IsCompleted && !await IsTreeAliveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>If the processes cannot be scanned now, the tree counts as alive, so that it is certainly killed.</summary>
    private async Task<bool> IsTreeAliveAsync()
    {
        try
        {
            return await _tree.IsAliveAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsScanFailure(e))
        {
            return true;
        }
    }

    /// <summary>For example, no file handle was free.</summary>
    private static bool IsScanFailure(Exception e) => e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception;

    private void CloseInput()
    {
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // The other end closed before it had read all bytes.
        }
    }

    private async Task KillAsync()
    {
        // Repeated, because a process that is forked during one scan is found by the next.
        // A process in uninterruptible sleep dies late; SIGKILL is the last means.
        long deadline = Environment.TickCount64 + (long)KillLimit.TotalMilliseconds;
        do
        {
            await _tree.KillAsync().ConfigureAwait(false);
            await Task.Delay(FirstPoll).ConfigureAwait(false);
        }
        while ((!Exited.IsCompleted || await IsTreeAliveAsync().ConfigureAwait(false)) && Environment.TickCount64 < deadline);
    }
}
