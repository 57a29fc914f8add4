using System.Runtime.CompilerServices;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Acp;

/// <summary>
/// One agent process that speaks ACP: its start, its sessions, its end. <see cref="AcpInbox"/> parses its messages, and
/// <see cref="AcpSession"/> runs a turn.
/// </summary>
internal sealed partial class AcpConnection(AgentSpec spec, ConnectionLimits limits, TimeProvider time, IPoolLog log, IAgentStarter starter) : IAgentConnection
{
    private const int ProtocolVersion = 1;

    // The table of open requests must not grow if an agent never answers session/close.
    private const int MostOpenCloses = 100;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AcpInbox _inbox = new(spec, log);
    private readonly object _gate = new();
    private AgentProcess? _process;
    private JsonRpcConnection? _rpc;
    private AcpSessionSetup? _setup;
    private InitializeReply? _agent;
    private Task<AcpSession>? _nextSession;
    private Task<bool> _turnSettled = Task.FromResult(true);
    private string? _closeMethod;
    private AgentException? _brokenWord;
    private SilenceWatch? _restingWatch;
    private int _openCloses;

    public TimeProvider Time => time;

    public int? ProcessId => _process?.AgentId;

    public Task Closed => _closed.Task;

    public bool IsKiro { get; private set; }

    /// <summary>The agents and models that the first session was offered; null before it.</summary>
    public AgentOffer? Offer { get; set; }

    /// <summary>The content that the agent accepts beyond text and links.</summary>
    public PromptCapabilities? Accepts => _agent?.AgentCapabilities?.PromptCapabilities;

    public bool CanLoadSessions => _agent?.AgentCapabilities?.LoadSession.ValueKind == JsonValueKind.True;

    public bool IsDoubtful => starter.IsLate;

    public bool HoldsConversations { get; set; }

    public bool IsSessionReady => _nextSession is { IsCompletedSuccessfully: true };

    public long? ReadMemoryBytes() => _process?.ReadMemoryBytes();

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        AgentCommand command = await KiroCommandLine.PrepareAsync(spec, limits.StartTimeout, time, starter, cancellationToken).ConfigureAwait(false);
        _process = await starter.LaunchAsync(command, cancellationToken).ConfigureAwait(false);
        _rpc = new JsonRpcConnection(_process.Output, _process.Input, _inbox, time);
        _setup = new AcpSessionSetup(this, _rpc, spec);
        _inbox.Attach(_rpc, _process.AgentId);
        _ = OwnWork.Run(() => WatchAsync(_process, _rpc));

        _agent = await BeforeAsync(limits.StartTimeout, AcpMethods.Initialize, InitializeAsync, cancellationToken).ConfigureAwait(false);
        if (_agent.ProtocolVersion is { ValueKind: JsonValueKind.Number } version && version.GetDouble() != ProtocolVersion)
            throw new AgentException(FailureKind.ProtocolViolation, $"The agent speaks version {version} of the Agent Client Protocol, but KiroPool needs version {ProtocolVersion}.");
        IsKiro = KiroExtensions.IsKiro(_agent.AgentInfo?.Name, spec.Executable);
        _closeMethod = _agent.AgentCapabilities?.SessionCapabilities?.Close is { ValueKind: JsonValueKind.Object } ? AcpMethods.SessionClose
            : IsKiro ? AcpMethods.KiroSessionTerminate
            : null;

        AcpSession first = await MakeSessionAsync(turn: null, cancellationToken).ConfigureAwait(false);
        _nextSession = Task.FromResult(first);
    }

    /// <summary>Starts to create the next session, unless one is ready or being created.</summary>
    /// <param name="after">The turn to wait for, if sessions are created between turns.</param>
    public void PrepareNextSession(Task? after)
    {
        lock (_gate)
            _nextSession ??= OwnWork.Run(() => PrepareAsync(after));
    }

    public Task<bool> SettleAsync() => _closed.Task.IsCompleted ? Task.FromResult(false) : WaitForTurnAsync();

    public Task StopAsync(bool force)
    {
        Close("it was stopped");
        return _process?.StopAsync(force ? StopGraces.None : Graces, time) ?? Task.CompletedTask;
    }

    private StopGraces Graces => HoldsConversations ? limits.ConversationStopGraces : limits.StopGraces;

    /// <summary>Expects the registration of a new session. Its updates are kept until then.</summary>
    public void Expect(string sessionId) => _inbox.Expect(sessionId);

    public void Register(AcpSession session) => _inbox.Add(session);

    /// <summary>Sends a prompt. The call gets the answer.</summary>
    /// <returns>Completes when the whole prompt is in the pipe; fails if it certainly is not.</returns>
    public Task SendPrompt(AcpSession session, ContentBlock[] blocks, PromptCall call) =>
        _rpc!.Send(AcpMethods.SessionPrompt, new PromptParams(session.Id, blocks), AcpJson.Default.PromptParams, call).Written;

    /// <summary>Counts a running turn. There are several if conversations share the process.</summary>
    public void TurnStarted(Task<bool> settled)
    {
        lock (_gate)
            _turnSettled = _turnSettled.IsCompleted ? settled : BothAsync(_turnSettled, settled);
    }

    private static async Task<bool> BothAsync(Task<bool> one, Task<bool> other) =>
        await one.ConfigureAwait(false) & await other.ConfigureAwait(false);

    /// <summary>Asks the agent to end the turn and waits. Returns false if it did not within the grace; it is then abandoned.</summary>
    public async Task<bool> CancelTurnAsync(AcpSession session, PromptCall call)
    {
        log.WriteDebug("cancelling its turn", ProcessId);
        try
        {
            Task cancelled = _rpc!.NotifyAsync(AcpMethods.SessionCancel, new SessionParams(session.Id), AcpJson.Default.SessionParams);
            await HostPause.WaitAsync(Task.WhenAll(cancelled, call.WhenAnswered()), limits.CancelGrace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Close($"it did not end a cancelled turn within {limits.CancelGrace.TotalSeconds:0.#} s");
            return false;
        }
        catch (Exception)
        {
            // An agent that can no longer be reached has ended the turn too.
        }

        return true;
    }

    /// <summary>Abandons a call when the agent is silent for too long; null for no limit. Return it after the wait.</summary>
    public SilenceWatch? Watch(PromptCall call, TimeSpan limit)
    {
        if (limit == TimeSpan.Zero)
            return null;
        SilenceWatch watch = Interlocked.Exchange(ref _restingWatch, null) ?? new SilenceWatch(time, () => _rpc!.LastFrameAt);
        watch.Watch(call, limit);
        return watch;
    }

    public void GiveBack(SilenceWatch? watch)
    {
        if (watch is null)
            return;
        watch.Rest();
        _restingWatch = watch;
    }

    /// <summary>A failure that describes the end of the process, with the last part of its stderr.</summary>
    public async Task<AgentException> DescribeEndAsync(FailureKind kind, string when, Exception? cause)
    {
        if (_brokenWord is { } known)
            return known;
        AgentProcess process = _process!;

        // Known here first: an immediate retry must not get this agent again.
        Close("its pipe broke");
        return await process.ExplainEndAsync(kind, when, cause).ConfigureAwait(false);
    }

    private ValueTask<InitializeReply> InitializeAsync(CancellationToken cancellationToken)
    {
        // No fs and no terminal, because every advertised capability must work.
        var parameters = new InitializeParams(
            ProtocolVersion,
            new ClientCapabilities(new FileSystemCapabilities(false, false), Terminal: false),
            new Implementation("KiroPool", typeof(AcpConnection).Assembly.GetName().Version?.ToString(3)));
        return _rpc!.RequestAsync(AcpMethods.Initialize, parameters, AcpJson.Default.InitializeParams, new PendingRequest<InitializeReply>(AcpJson.Default.InitializeReply), cancellationToken);
    }

    /// <summary>Ends an agent that is not signed in, because it reads its credentials only at its start.</summary>
    public void GiveUpIfSignedOut(AgentException failure)
    {
        if (failure.Kind == FailureKind.SignInRequired)
            Break(failure);
    }

    /// <summary>Creates a session, during a turn or (null) between turns.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AcpSession> MakeSessionAsync(Task? turn, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeSignedInAsync(turn, cancellationToken).ConfigureAwait(false);
        }
        catch (AgentException failure)
        {
            AgentException e = Advise(failure);
            GiveUpIfSignedOut(e);

            // An agent without new sessions is useless and would be leased again and again.
            if (turn is null && e.Kind is FailureKind.AgentError or FailureKind.ProtocolViolation)
                Break(e);
            if (ReferenceEquals(e, failure))
                throw;
            throw e;
        }
    }

    private async Task<AcpSession> PrepareAsync(Task? after)
    {
        // In a shared process, turns of other conversations may run.
        Task turns = _turnSettled;
        if (after is null && !turns.IsCompleted)
            return await MakeSessionAsync(turns, CancellationToken.None).ConfigureAwait(false);
        if (after is not null && !limits.PrepareSessionDuringTurn)
            await after.ConfigureAwait(false);
        try
        {
            return await MakeSessionAsync(after is { IsCompleted: false } ? after : null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Kind == FailureKind.AgentError && after is not null && !_closed.Task.IsCompleted)
        {
            // Some agents create sessions only between turns.
            log.WriteDebug($"could not create a session during the turn ({e.Message}); trying again after it", ProcessId);
            await after.ConfigureAwait(false);
            return await MakeSessionAsync(turn: null, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a step of a start or a session under its limit, and describes the agent if the step fails.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> BeforeAsync<T>(TimeSpan limit, string step, Func<CancellationToken, ValueTask<T>> run, CancellationToken cancellationToken, Task? turn = null)
    {
        using var patience = new StepLimit(limit, turn, time, cancellationToken);
        try
        {
            return await run(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.HasPassed && !cancellationToken.IsCancellationRequested)
        {
            // The agent may still finish the step and create an unknown session. So the process is ended.
            string stderr = await _process!.ReadStderrTailAsync().ConfigureAwait(false);
            var failure = new AgentException(
                FailureKind.AgentStartTimedOut,
                $"The agent did not answer {step} within {limit.TotalSeconds:0.#} s."
                + (step == AcpMethods.SessionLoad ? "" : $" Is '{Path.GetFileName(spec.Executable)}' an agent that speaks ACP on stdin and stdout?")
                + (stderr.Length == 0 ? "" : $" Its stderr ends with:{Environment.NewLine}{stderr}"));
            Break(failure);
            throw failure;
        }
        catch (JsonRpcException e)
        {
            throw KiroExtensions.ToFailure(e, $"to answer {step}");
        }
        catch (JsonException e)
        {
            throw new AgentException(FailureKind.ProtocolViolation, e.Message, e);
        }
        catch (IOException e)
        {
            throw await DescribeEndAsync(FailureKind.AgentStartFailed, $"before it answered {step}", e).ConfigureAwait(false);
        }
    }

    private async Task<bool> WaitForTurnAsync() => await _turnSettled.ConfigureAwait(false) && !_closed.Task.IsCompleted;

    private async Task WatchAsync(AgentProcess process, JsonRpcConnection rpc)
    {
        using var stopReading = new CancellationTokenSource();
        Task reading = rpc.RunAsync(stopReading.Token);
        await Task.WhenAny(reading, process.Exited).ConfigureAwait(false);
        await HostPause.SettleAsync(reading, AgentProcess.DrainLimit).ConfigureAwait(false);
        await stopReading.CancelAsync().ConfigureAwait(false);
        rpc.End(new IOException("The agent ended."));
        Close(process.Exited.IsCompleted ? "it ended" : "it closed its output");

        // The rest of the tree is ended now, even during a lease, before the system can reuse the process id.
        await process.StopAsync(Graces, time).ConfigureAwait(false);
    }

    private void Break(AgentException failure)
    {
        _brokenWord = failure;
        Close(failure.Message);
    }

    private void Close(string why)
    {
        if (_closed.TrySetResult())
            log.WriteDebug($"serves no more prompts: {why}", ProcessId);
    }
}
