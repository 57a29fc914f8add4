using System.Runtime.CompilerServices;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Acp;

/// <summary>
/// One agent process that speaks ACP: its start, its sessions, its end. What it sends is taken apart by
/// <see cref="AcpInbox"/>; one turn is run by <see cref="AcpSession"/>.
/// </summary>
internal sealed partial class AcpConnection(AgentSpec spec, ConnectionLimits limits, TimeProvider time, IPoolLog log) : IAgentConnection
{
    private const int ProtocolVersion = 1;

    // An agent that never answers session/close must not make the table of open requests grow.
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

    public int? ProcessId => _process?.Id;

    public Task Closed => _closed.Task;

    public bool IsKiro { get; private set; }

    /// <summary>The agents and models the first session was offered; null until there was one.</summary>
    public AgentOffer? Offer { get; set; }

    /// <summary>The content the agent takes beyond text and links.</summary>
    public PromptCapabilities? Accepts => _agent?.AgentCapabilities?.PromptCapabilities;

    public bool CanLoadSessions => _agent?.AgentCapabilities?.LoadSession.ValueKind == JsonValueKind.True;

    public bool HoldsConversations { get; set; }

    public bool IsSessionReady => _nextSession is { IsCompletedSuccessfully: true };

    public long? ReadMemoryBytes() => _process?.ReadMemoryBytes();

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _process = await AgentLauncher.LaunchAsync(await KiroCommandLine.PrepareAsync(spec, limits.StartTimeout, time, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        _rpc = new JsonRpcConnection(_process.Output, _process.Input, _inbox, time);
        _setup = new AcpSessionSetup(this, _rpc, spec);
        _inbox.Attach(_rpc, _process.Id);
        _ = OwnWork.Run(() => WatchAsync(_process, _rpc));

        _agent = await BeforeAsync(limits.StartTimeout, AcpMethods.Initialize, InitializeAsync, cancellationToken).ConfigureAwait(false);
        if (_agent.ProtocolVersion is { ValueKind: JsonValueKind.Number } version && version.GetDouble() != ProtocolVersion)
            throw new AgentException(FailureKind.ProtocolViolation, $"The agent speaks version {version} of the Agent Client Protocol, and KiroPool speaks {ProtocolVersion}.");
        IsKiro = KiroExtensions.IsKiro(_agent.AgentInfo?.Name, spec.Executable);
        _closeMethod = _agent.AgentCapabilities?.SessionCapabilities?.Close is { ValueKind: JsonValueKind.Object } ? AcpMethods.SessionClose
            : IsKiro ? AcpMethods.KiroSessionTerminate
            : null;

        AcpSession first = await MakeSessionAsync(turn: null, cancellationToken).ConfigureAwait(false);
        _nextSession = Task.FromResult(first);
    }

    /// <summary>Begins to make the next session, unless one is there or under way.</summary>
    /// <param name="after">The turn to wait for, where sessions are made between turns.</param>
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

    /// <summary>A session is there and will be registered: what comes for it until then is kept.</summary>
    public void Expect(string sessionId) => _inbox.Expect(sessionId);

    public void Register(AcpSession session) => _inbox.Add(session);

    /// <summary>Sends a prompt; the call is told of the answer.</summary>
    /// <returns>Completes when the whole prompt is in the pipe; fails when it certainly is not.</returns>
    public Task SendPrompt(AcpSession session, ContentBlock[] blocks, PromptCall call) =>
        _rpc!.Send(AcpMethods.SessionPrompt, new PromptParams(session.Id, blocks), AcpJson.Default.PromptParams, call).Written;

    /// <summary>Several turns run when conversations share the process.</summary>
    public void TurnStarted(Task<bool> settled)
    {
        lock (_gate)
            _turnSettled = _turnSettled.IsCompleted ? settled : BothAsync(_turnSettled, settled);
    }

    private static async Task<bool> BothAsync(Task<bool> one, Task<bool> other) =>
        await one.ConfigureAwait(false) & await other.ConfigureAwait(false);

    /// <summary>Asks the agent to end the turn, and waits for that. False when it did not within the grace; it is then given up.</summary>
    public async Task<bool> CancelTurnAsync(AcpSession session, PromptCall call)
    {
        log.WriteDebug("turn is being cancelled", ProcessId);
        try
        {
            Task cancelled = _rpc!.NotifyAsync(AcpMethods.SessionCancel, new SessionParams(session.Id), AcpJson.Default.SessionParams);
            await Task.WhenAll(cancelled, call.WhenAnswered()).WaitAsync(limits.CancelGrace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Close($"it did not end a cancelled turn within {limits.CancelGrace.TotalSeconds:0.#} s");
            return false;
        }
        catch (Exception)
        {
            // An agent that cannot be told any more has ended the turn, too.
        }

        return true;
    }

    /// <summary>Has a call abandoned when the agent is silent for too long; null for no limit. To be given back when the wait is over.</summary>
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

    /// <summary>A failure that says how the process ended, with the end of its stderr.</summary>
    public async Task<AgentException> DescribeEndAsync(FailureKind kind, string when, Exception? cause)
    {
        if (_brokenWord is { } known)
            return known;
        AgentProcess process = _process!;

        // Known here first: whoever tries again at once must not be given this agent again.
        Close("its pipe broke");
        return new AgentException(kind, await process.DescribeEndAsync(when).ConfigureAwait(false), cause);
    }

    private ValueTask<InitializeReply> InitializeAsync(CancellationToken cancellationToken)
    {
        // No fs and no terminal: what is advertised must be served.
        var parameters = new InitializeParams(
            ProtocolVersion,
            new ClientCapabilities(new FileSystemCapabilities(false, false), Terminal: false),
            new Implementation("KiroPool", typeof(AcpConnection).Assembly.GetName().Version?.ToString(3)));
        return _rpc!.RequestAsync(AcpMethods.Initialize, parameters, AcpJson.Default.InitializeParams, new PendingRequest<InitializeReply>(AcpJson.Default.InitializeReply), cancellationToken);
    }

    /// <summary>Gives the agent up when it wants a sign-in: it reads its credentials once, when it starts.</summary>
    public void GiveUpIfSignedOut(AgentException failure)
    {
        if (failure.Kind == FailureKind.SignInRequired)
            Break(failure);
    }

    /// <summary>Makes a session, while a turn runs or (null) between turns.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AcpSession> MakeSessionAsync(Task? turn, CancellationToken cancellationToken)
    {
        try
        {
            return await BeforeAsync(limits.SessionTimeout, AcpMethods.SessionNew, _setup!.CreateAsync, cancellationToken, turn).ConfigureAwait(false);
        }
        catch (AgentException e)
        {
            GiveUpIfSignedOut(e);

            // An agent that makes no sessions any more is of no use, and would be lent again and again.
            if (turn is null && e.Kind is FailureKind.AgentError or FailureKind.ProtocolViolation)
                Break(e);
            throw;
        }
    }

    private async Task<AcpSession> PrepareAsync(Task? after)
    {
        // In a shared process other conversations' turns may run, of which this one need not know.
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
            // Some agents make no session while a turn runs; between turns they do.
            log.WriteDebug($"no session was made during the turn ({e.Message}); trying again after it", ProcessId);
            await after.ConfigureAwait(false);
            return await MakeSessionAsync(turn: null, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a step that makes the agent or a session ready under its limit, and says what became of the agent when the step fails.</summary>
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
            // The agent may still finish the step; nobody would know of that session. So the process is given up.
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
        await Task.WhenAny(reading, Task.Delay(AgentProcess.DrainLimit)).ConfigureAwait(false);
        await stopReading.CancelAsync().ConfigureAwait(false);
        rpc.End(new IOException("The agent ended."));
        Close(process.Exited.IsCompleted ? "it ended" : "it closed its output");

        // Now, also if it is lent: what it left behind goes, and nobody signals its number when that is somebody else's.
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
