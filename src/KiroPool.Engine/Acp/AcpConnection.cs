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
    // The table of open requests must not grow if an agent never answers session/close.
    private const int MostOpenCloses = 100;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AcpInbox _inbox = new(spec, time, log, offersTerminals: spec.IsInteractive && !starter.Host.IsFar);
    private readonly object _gate = new();
    private AgentProcess? _process;
    private JsonRpcConnection? _rpc;
    private AcpSessionSetup? _setup;
    private Func<CancellationToken, ValueTask<AcpSession>>? _create;
    private InitializeReply? _agent;
    private Task<AcpSession>? _nextSession;
    private Task<bool> _turnSettled = Task.FromResult(true);
    private CloseMethod[] _closeMethods = [];
    private AgentCommand? _command;
    private AgentException? _brokenWord;
    private int _openCloses;
    private bool _isOpen;

    public TimeProvider Time => time;

    public int? ProcessId => _process?.AgentId;

    public Task Closed => _closed.Task;

    /// <summary>The behaviour that is particular to the agent.</summary>
    public AgentDialect Dialect => _inbox.Dialect;

    public KiroEngine? Engine { get; private set; }

    /// <summary>The agents and models that the sessions were offered; null before the first.</summary>
    public AgentOffer? Offer { get; private set; }

    /// <summary>Whether a list of the agent contains the model.</summary>
    public bool HasModel(string model) => Offer?.Models.Contains(model, StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>Records the offer of a session. A later list replaces an earlier one.</summary>
    public void Learn(IReadOnlyList<string> agents, IReadOnlyList<string> models)
    {
        AgentOffer known = Offer ?? new AgentOffer([], []);
        Offer = new AgentOffer(agents.Count > 0 ? agents : known.Agents, models.Count > 0 ? models : known.Models);
    }

    /// <inheritdoc cref="Learn(IReadOnlyList{string}, IReadOnlyList{string})"/>
    public void Learn(IReadOnlyList<ConfigOption>? options) =>
        Learn([.. ConfigOption.Find(options, "mode")?.Values ?? []], [.. ConfigOption.Find(options, "model")?.Values ?? []]);

    /// <summary>The content that the agent accepts beyond text and links.</summary>
    public PromptCapabilities? Accepts => _agent?.AgentCapabilities?.PromptCapabilities;

    public bool TakesOutputSchema => _agent?.AgentCapabilities?.TakesOutputSchema == true;

    public bool CanLoadSessions => OffersLoad || OffersResume;

    /// <summary>The name that the agent gives itself, or the name of its program.</summary>
    public string AgentName => _agent?.AgentInfo?.Name is { Length: > 0 } name ? name : Path.GetFileName(spec.Executable);

    private bool OffersLoad => _agent?.AgentCapabilities?.LoadSession.ValueKind == JsonValueKind.True;

    /// <summary>Whether the agent offers <c>session/resume</c>, which replays nothing.</summary>
    private bool OffersResume => _agent?.AgentCapabilities?.SessionCapabilities?.Resume is { ValueKind: JsonValueKind.Object };

    public bool IsDoubtful => starter.IsLate;

    public bool HoldsConversations { get; set; }

    /// <summary>Whether a turn was completed, so that the agent is certainly signed in.</summary>
    public bool HasAnswered { get; set; }

    public bool IsSessionReady => _nextSession is { IsCompletedSuccessfully: true };

    public long? ReadMemoryBytes() => _process?.ReadMemoryBytes();

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _command = await KiroCommandLine.PrepareAsync(spec, limits.StartTimeout, time, starter, cancellationToken).ConfigureAwait(false);
        TimeSpan limit = KiroUnpacking.LimitFor(spec, _command.Arguments, limits.StartTimeout);
        if (limit > limits.StartTimeout)
            log.WriteVerbose($"{KiroUnpacking.Explanation} This start may take up to {limit.TotalSeconds:0} s.");
        _process = await starter.LaunchAsync(_command, cancellationToken).ConfigureAwait(false);
        _rpc = new JsonRpcConnection(_process.Output, _process.Input, _inbox, time);
        _setup = new AcpSessionSetup(this, _rpc, spec);
        _create = _setup.CreateAsync;
        _inbox.Attach(_rpc, _process.AgentId);
        _ = OwnWork.Run(() => WatchAsync(_process, _rpc));

        _agent = await BeforeAsync(limit, AcpMethods.Initialize, InitializeAsync, cancellationToken).ConfigureAwait(false);
        if (AcpVersion.Refusal(_agent.ProtocolVersion, AgentName) is { } otherVersion)
            throw otherVersion;
        _inbox.Dialect = AgentDialect.Of(_agent.AgentCapabilities?.SaysKiro == true, _agent.AgentInfo?.Name, spec.Executable, spec.Engine);
        Engine = Dialect.Engine;
        SessionExtras.ThrowIfNotSupported(spec.Session, _agent.AgentCapabilities, Dialect, AgentName);
        bool offersClose = _agent.AgentCapabilities?.SessionCapabilities?.Close is { ValueKind: JsonValueKind.Object };
        _closeMethods = [.. offersClose ? [new CloseMethod(AcpMethods.SessionClose, Destroys: false)] : Array.Empty<CloseMethod>(), .. Dialect.CloseMethods];

        AcpSession first = await MakeSessionAsync(turn: null, cancellationToken).ConfigureAwait(false);
        _nextSession = Task.FromResult(first);
        _isOpen = true;
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
        return Task.WhenAll(_inbox.EndTerminalsAsync(), _process?.StopAsync(force ? StopGraces.None : Graces, time) ?? Task.CompletedTask);
    }

    private StopGraces Graces => HoldsConversations ? limits.ConversationStopGraces : limits.StopGraces;

    /// <summary>Expects the registration of a new session. Its updates are kept until then.</summary>
    public void Expect(string sessionId) => _inbox.Expect(sessionId);

    public void Register(AcpSession session) => _inbox.Add(session);

    /// <summary>A failure that describes the end of the process, with the last part of its stderr.</summary>
    public async Task<AgentException> DescribeEndAsync(FailureKind kind, string when, Exception? cause)
    {
        if (_brokenWord is { } broken)
            return broken;
        AgentProcess process = _process!;

        // Known here first: an immediate retry must not get this agent again.
        Close("its pipe broke");
        string ended = await process.DescribeEndAsync(when).ConfigureAwait(false);
        string stderr = await process.ReadStderrTailAsync().ConfigureAwait(false);
        if (process.Loss is { } loss)
            return loss.ToFailure(when, AnsiText.Strip(stderr), cause);
        string? advice = process.Exited.IsCompletedSuccessfully ? KiroCommandLine.Advise(spec, _command!.Arguments, process.Exited.Result) : null;
        FailureKind known = KnownFailure.OfAccount(stderr) is FailureKind.SignInRequired && Dialect.IsKiro && kind == FailureKind.AgentStartFailed ? FailureKind.SignInRequired : kind;
        return Explain(new AgentException(known, advice is null ? ended : $"{ended}{Environment.NewLine}{advice}", cause));
    }

    private ValueTask<InitializeReply> InitializeAsync(CancellationToken cancellationToken)
    {
        // No fs, because every advertised capability must work. Without a user, no command of the agent could be approved.
        var parameters = new InitializeParams(
            AcpVersion.Spoken,
            new ClientCapabilities(new FileSystemCapabilities(false, false), _inbox.OffersTerminals, new ClientSessionCapabilities(new ConfigOptionCapabilities(new NoParams())), spec.IsInteractive ? new ElicitationCapabilities(new NoParams(), new NoParams()) : null),
            new Implementation("KiroPool", typeof(AcpConnection).Assembly.GetName().Version?.ToString(3)));
        return _rpc!.RequestAsync(AcpMethods.Initialize, parameters, OutgoingJson.Default.InitializeParams, new PendingRequest<InitializeReply>(IncomingJson.Default.InitializeReply), cancellationToken);
    }

    /// <summary>Whether the agent asked for a token, which KiroPool does not have, and has not worked since.</summary>
    private bool LacksToken => _inbox.WasAskedForToken && !HasAnswered;

    /// <summary>Adds the cause if the agent asked for a token: KiroPool has none, so kiro-cli must sign in by itself.</summary>
    public AgentException Explain(AgentException failure) =>
        LacksToken && failure.Kind is FailureKind.SignInRequired or FailureKind.AgentError or FailureKind.AgentStartTimedOut or FailureKind.AgentStartFailed or FailureKind.AgentDied
            ? KiroCommandLine.ExplainToken(spec, failure)
            : failure;

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
        catch (OperationCanceledException e) when (patience.HasPassed && !cancellationToken.IsCancellationRequested)
        {
            string stderr = await _process!.ReadStderrTailAsync().ConfigureAwait(false);
            var failure = new AgentException(
                FailureKind.AgentStartTimedOut,
                $"The agent did not answer {step} within {limit.TotalSeconds:0.#} s."
                + (step is AcpMethods.SessionLoad or AcpMethods.SessionResume ? "" : step == AcpMethods.Initialize && spec.UsesKiroCommandLine && KiroUnpacking.IsV3(_command!.Arguments) ? " " + KiroUnpacking.Explanation : $" Is '{Path.GetFileName(spec.Executable)}' an agent that speaks ACP on stdin and stdout?")
                + (stderr.Length == 0 ? "" : $" Its stderr ends with:{Environment.NewLine}{stderr}"));
            failure = Explain(failure);

            // The agent may still finish the step and create an unknown session. Then the process is ended.
            if (_isOpen && step == AcpMethods.SessionNew && e is RequestWithdrawnException withdrawn)
                TurnStarted(WithdrawAsync(withdrawn, failure));
            else
                Break(failure);
            throw failure;
        }
        catch (JsonRpcException e)
        {
            throw AcpVersion.Refusal(e, AgentName) ?? Explain(AgentError.ToFailure(e, $"to answer {step}", Dialect));
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

        _ = _inbox.EndTerminalsAsync();

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
