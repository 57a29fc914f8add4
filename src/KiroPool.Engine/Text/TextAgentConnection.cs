using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>What a connection in plain text is made of.</summary>
internal sealed record TextAgentParts(AgentSpec Spec, ConnectionLimits Limits, TimeProvider Time, IPoolLog Log, EarlyDeaths EarlyDeaths);

/// <summary>What agents in plain text have in common: the start of the process, its end, and how both are told.</summary>
internal abstract class TextAgentConnection(TextAgentParts parts) : IAgentConnection
{
    /// <summary>The most that is kept of an answer, in bytes: an agent gone wild must not fill the host's memory.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AgentProcess? _process;
    private long _startedAt;
    private volatile bool _inUse;
    private volatile bool _isSpoilt;

    public AgentSpec Spec => parts.Spec;

    public TimeProvider Time => parts.Time;

    public ConnectionLimits Limits => parts.Limits;

    /// <summary>The process; there once it is open.</summary>
    public AgentProcess Process => _process ?? throw new InvalidOperationException("The connection is not open.");

    public int? ProcessId => _process?.Id;

    public Task Closed => _closed.Task;

    public bool IsSessionReady => _process is not null && !_closed.Task.IsCompleted;

    /// <summary>Why it is not to be listened to any more, if it broke its word.</summary>
    public AgentException? BrokenWord { get; protected set; }

    /// <summary>Whether it must not serve a further prompt, though its process may still run.</summary>
    public bool IsSpoilt => _isSpoilt;

    /// <summary>Whether a conversation of several turns was held on it.</summary>
    public bool HeldConversation { get; private set; }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        AgentCommand command = await KiroCommandLine.PrepareAsync(Spec, Limits.StartTimeout, Time, cancellationToken).ConfigureAwait(false);
        _process = await AgentLauncher.LaunchAsync(command).ConfigureAwait(false);
        _startedAt = Time.GetTimestamp();
        Started();
        _ = WatchAsync(_process);

        TimeSpan watch = parts.EarlyDeaths.WatchFor(Spec, Limits.StartTimeout);
        if (watch > TimeSpan.Zero)
            await Task.WhenAny(_process.Exited, Closed, Task.Delay(watch, Time, cancellationToken)).ConfigureAwait(false);
        if (_process.Exited.IsCompleted || Closed.IsCompleted)
            throw BrokenWord ?? new AgentException(FailureKind.AgentStartFailed, await _process.DescribeEndAsync("before it was given a prompt").ConfigureAwait(false));
        if (watch > TimeSpan.Zero)
            parts.EarlyDeaths.Lives(Spec);
    }

    public ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
    {
        // A further session of a process that held a conversation would see it.
        if (_isSpoilt || HeldConversation)
            return Refuse("held a conversation, which the next prompt must not see");

        // The news that it died idle may still be on its way, and a prompt written to it now would be lost.
        return Process.HasEnded || _closed.Task.IsCompleted ? Refuse("ended while it was idle") : new ValueTask<IAgentSession>(MakeSession());

        ValueTask<IAgentSession> Refuse(string why)
        {
            Close($"it {why}");
            return ValueTask.FromException<IAgentSession>(new AgentException(FailureKind.AgentDied, $"The agent {why}."));
        }
    }

    public Task<bool> SettleAsync() => Task.FromResult(!_closed.Task.IsCompleted && !_isSpoilt);

    public Task StopAsync(bool force)
    {
        Close("it was stopped");
        return _process?.StopAsync(force ? StopGraces.None : Limits.StopGraces, Time) ?? Task.CompletedTask;
    }

    public long? ReadMemoryBytes() => _process?.ReadMemoryBytes();

    /// <summary>A prompt is about to be sent: from now on the end of the process is the turn's to tell.</summary>
    public void Use() => _inUse = true;

    /// <summary>Says what came of a turn, so that the next start knows: early deaths are over, or a sign-in is.</summary>
    public void Judged(AgentException? failure)
    {
        if (failure is null)
            parts.EarlyDeaths.Lives(Spec);
        else if (failure.Kind == FailureKind.SignInRequired)
            KiroSignIn.Forget(Spec);
    }

    /// <summary>Says that a turn of several is run: the session that runs it is the last one.</summary>
    public void HoldConversation() => HeldConversation = true;

    /// <summary>Says that no further prompt may be served.</summary>
    public void Spoil() => _isSpoilt = true;

    /// <summary>Ends a turn in the only way plain text has: with its process. Its stdin is no use to wait for any more.</summary>
    /// <returns>Completes when nothing of the process is left.</returns>
    public Task Abort(string why)
    {
        parts.Log.WriteDebug($"is being ended: {why}", ProcessId);
        _isSpoilt = true;

        // Windows has no polite signal, so there is nothing to wait for either.
        TimeSpan afterTerminate = OperatingSystem.IsWindows() ? TimeSpan.Zero : Limits.StopGraces.AfterTerminate;
        return Process.StopAsync(new StopGraces(TimeSpan.Zero, afterTerminate), Time);
    }

    public void Close(string why)
    {
        if (_closed.TrySetResult())
            parts.Log.WriteDebug($"serves no more prompts: {why}", ProcessId);
    }

    /// <summary>The same of a process that can serve no more by its own doing: if it never did, the next starts are watched.</summary>
    public void Die(string why)
    {
        // One that is being stopped does not end by itself.
        if (!_inUse && !_closed.Task.IsCompleted)
            parts.EarlyDeaths.Died(Spec, Time.GetElapsedTime(_startedAt));
        Close(why);
    }

    /// <summary>The process runs.</summary>
    protected abstract void Started();

    protected abstract IAgentSession MakeSession();

    /// <summary>The process has ended while it served.</summary>
    protected abstract void EndedInUse();

    private async Task WatchAsync(AgentProcess process)
    {
        await process.Exited.ConfigureAwait(false);
        if (_inUse)
        {
            EndedInUse();
            return;
        }

        Die("it ended");

        // Now: what it left behind goes, and nobody signals its number when that is somebody else's.
        await process.StopAsync(Limits.StopGraces, Time).ConfigureAwait(false);
    }
}
