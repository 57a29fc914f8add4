using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Text;

/// <summary>The parts of a plain-text connection.</summary>
internal sealed record TextAgentParts(AgentSpec Spec, ConnectionLimits Limits, TimeProvider Time, IPoolLog Log, EarlyDeaths EarlyDeaths, IAgentStarter Starter);

/// <summary>The common base of plain-text agents: start and end of the process, and their messages.</summary>
internal abstract class TextAgentConnection(TextAgentParts parts) : IAgentConnection
{
    /// <summary>The limit of an answer in bytes. A faulty agent must not fill the memory of the host.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AgentProcess? _process;
    private long _startedAt;
    private volatile bool _inUse;
    private volatile bool _isSpoilt;

    public AgentSpec Spec => parts.Spec;

    public TimeProvider Time => parts.Time;

    public ConnectionLimits Limits => parts.Limits;

    /// <summary>The process; set after the connection was opened.</summary>
    public AgentProcess Process => _process ?? throw new InvalidOperationException("The connection is not open.");

    /// <summary>The arguments of the process; set after the connection was opened.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>The engine that its arguments name or that it has reported; null for neither.</summary>
    public KiroEngine? Engine { get; private set; }

    public int? ProcessId => _process?.AgentId;

    public Task Closed => _closed.Task;

    public bool IsSessionReady => _process is not null && !_closed.Task.IsCompleted;

    /// <summary>The violation of the protocol, if there was one. Later output is ignored.</summary>
    public AgentException? BrokenWord { get; protected set; }

    /// <summary>Whether it must not serve another prompt, although its process may still run.</summary>
    public bool IsSpoilt => _isSpoilt;

    public bool IsDoubtful => parts.Starter.IsLate;

    public abstract int MostConversations { get; }

    /// <summary>Whether it held a conversation of several turns.</summary>
    public bool HeldConversation { get; private set; }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        AgentCommand command = await KiroCommandLine.PrepareAsync(Spec, Limits.StartTimeout, Time, parts.Starter, cancellationToken).ConfigureAwait(false);
        Arguments = command.Arguments;
        Engine = KiroCommandLine.EngineOf(Arguments);
        _process = await parts.Starter.LaunchAsync(command, cancellationToken).ConfigureAwait(false);
        _startedAt = Time.GetTimestamp();
        _ = OwnWork.Run(() =>
        {
            Started();
            return WatchAsync(_process);
        });

        TimeSpan watch = parts.EarlyDeaths.WatchFor(Spec, Limits.StartTimeout);
        if (watch > TimeSpan.Zero)
            await Task.WhenAny(_process.Exited, Closed, Task.Delay(watch, Time, cancellationToken)).ConfigureAwait(false);
        if (_process.Exited.IsCompleted || Closed.IsCompleted)
            throw BrokenWord ?? await _process.ExplainEndAsync(FailureKind.AgentStartFailed, "before it was given a prompt").ConfigureAwait(false);
        if (watch > TimeSpan.Zero)
            parts.EarlyDeaths.Lives(Spec);
    }

    public ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
    {
        // Another session of this process would see its earlier conversation.
        if (_isSpoilt || HeldConversation)
            return Refuse("held a conversation that the next prompt must not see");

        // It may have died without the event having arrived. A prompt written now would be lost.
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

    /// <summary>Marks that a prompt is about to be sent. From now on the turn reports the end of the process.</summary>
    public void Use() => _inUse = true;

    /// <summary>Records the result of a turn for the next start: early deaths or a valid sign-in have ended.</summary>
    public void Judged(AgentException? failure, KiroEngine? engine = null)
    {
        Engine = engine ?? Engine;
        if (failure is null)
            parts.EarlyDeaths.Lives(Spec);
        else if (failure.Kind == FailureKind.SignInRequired)
            KiroSignIn.Forget(Spec, parts.Starter.Host);
    }

    /// <summary>Marks that a conversation runs. Its session is the last one of the process.</summary>
    public void HoldConversation() => HeldConversation = true;

    /// <summary>Marks that no further prompt may be served.</summary>
    public void Spoil() => _isSpoilt = true;

    /// <summary>Ends a turn by ending its process, because plain text has no other means. The grace for a closed stdin is skipped.</summary>
    /// <returns>Completes when no process of the tree is left.</returns>
    public Task Abort(string why)
    {
        parts.Log.WriteDebug($"is being ended: {why}", ProcessId);
        _isSpoilt = true;
        return Process.StopAsync(new StopGraces(TimeSpan.Zero, Limits.StopGraces.AfterTerminate), Time);
    }

    public void Close(string why)
    {
        if (_closed.TrySetResult())
            parts.Log.WriteDebug($"serves no more prompts: {why}", ProcessId);
    }

    /// <summary>The same for a process that ended by itself. If it never served a prompt, the next starts are watched.</summary>
    public void Die(string why)
    {
        // A process that is being stopped does not end by itself.
        if (!_inUse && !_closed.Task.IsCompleted)
            parts.EarlyDeaths.Died(Spec, Time.GetElapsedTime(_startedAt));
        Close(why);
    }

    /// <summary>The process runs.</summary>
    protected abstract void Started();

    protected abstract IAgentSession MakeSession();

    /// <summary>The process ended during a turn.</summary>
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

        // The rest of the tree is ended now, before the system can reuse the process id.
        await process.StopAsync(Limits.StopGraces, Time).ConfigureAwait(false);
    }
}
