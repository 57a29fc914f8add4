using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Sessions;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine;

/// <summary>
/// A pool of warm agent processes. There are never more processes than <see cref="PoolOptions.MaxSize"/>, including
/// starting and stopping ones.
/// </summary>
public sealed class AgentPool : IAsyncDisposable
{
    private readonly PoolCounters _counters = new();
    private readonly IAgentConnector _connector;
    private readonly AccountReader _account;
    private readonly CoolDown _coolDown;
    private readonly PromptServices _services;
    private readonly TimeProvider _time;

    /// <summary>Creates a pool. No process starts before <see cref="WarmAsync"/>, the first prompt, or the first sweep after <see cref="PoolOptions.SweepInterval"/>.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="defaultSpec">The agent of prompts without their own spec, and the one that is kept warm.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="AgentException">NotSupported: the protocol of the spec does not support the options.</exception>
    public AgentPool(PoolOptions options, AgentSpec defaultSpec, TimeProvider? time = null)
        : this(options, defaultSpec, log => new AgentConnector(options, time ?? TimeProvider.System, log), time ?? TimeProvider.System, Random.Shared)
    {
    }

    internal AgentPool(PoolOptions options, AgentSpec defaultSpec, Func<IPoolLog, IAgentConnector> connector, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaultSpec);
        options.Validate();
        options.ThrowIfNotSupported(defaultSpec);
        _time = time;
        CreatedAt = time.GetLocalNow();
        _coolDown = new CoolDown(options, time, Log);
        _connector = connector(Log);
        Dispatcher = new AgentDispatcher(options, defaultSpec, _connector, _coolDown, Log, _counters, time, random);
        SpendingLimit = new SpendingLimit { MaxCredits = options.MaxCredits, MaxCost = options.MaxCost, MaxTokens = options.MaxTokens };
        _services = new PromptServices(Dispatcher, _coolDown, _counters, time) { SpendingLimit = SpendingLimit };
        _account = new AccountReader(Dispatcher, defaultSpec, time);
        Sessions = new SessionRegistry(this, time);
    }

    /// <summary>The limits.</summary>
    public PoolOptions Options => Dispatcher.Options;

    /// <summary>The agent of prompts without their own spec. Its directory changes with <see cref="MoveStandby"/>.</summary>
    public AgentSpec DefaultSpec => Dispatcher.DefaultSpec;

    /// <summary>The events of the pool.</summary>
    public PoolLog Log { get; } = new();

    /// <summary>The conversations of this pool.</summary>
    public SessionRegistry Sessions { get; }

    /// <summary>The permissions of prompts without their own. Default: none.</summary>
    public PermissionPolicy Permissions
    {
        get => _services.Permissions;
        init
        {
            value.Validate();
            _services = _services with { Permissions = value };
        }
    }

    /// <summary>What all prompts of the pool may cost together, and what they have cost.</summary>
    public SpendingLimit SpendingLimit { get; }

    /// <summary>The time when the pool was created.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>Whether a stop has begun. No more prompts are accepted then.</summary>
    public bool IsStopped => Dispatcher.IsStopped;

    /// <summary>Completes when a stop has ended all processes of the pool.</summary>
    public Task WhenStopped => Dispatcher.WhenStopped;

    internal AgentDispatcher Dispatcher { get; }

    /// <summary>Starts the warm agents of <see cref="PoolOptions.MinSize"/> and waits until the first is warm.</summary>
    /// <exception cref="AgentException">The agent did not become warm.</exception>
    public async Task WarmAsync(CancellationToken cancellationToken = default)
    {
        if (Options.MinSize == 0)
            return;
        Dispatcher.Refresh();
        AgentLease lease = await Dispatcher.RentAsync(DefaultSpec, resident: null, isAccepted: false, cancellationToken, new WaitRules(ForHosts: false)).ConfigureAwait(false);
        lease.Return();
    }

    /// <summary>
    /// Lets the warm agents of <see cref="PoolOptions.MinSize"/> follow the work: from now on they start in this directory.
    /// Idle agents of the old directory end after <see cref="PoolOptions.IdleTimeout"/>, even below the minimum.
    /// </summary>
    /// <param name="directory">A full path.</param>
    public void MoveStandby(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (directory != DefaultSpec.WorkingDirectory)
            Dispatcher.MoveStandby(directory);
    }

    /// <summary>Runs a prompt in its own conversation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value of the request is out of its range.</exception>
    /// <exception cref="PromptFailedException">The prompt did not complete. The exception has its result.</exception>
    public Task<PromptResult> PromptAsync(PromptRequest request, CancellationToken cancellationToken = default) => PromptAsync(request, session: null, cancellationToken);

    /// <summary>Runs a prompt, in the conversation of a session if one is given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value of the request is out of its range.</exception>
    /// <exception cref="PromptFailedException">The prompt did not complete. The exception has its result.</exception>
    public async Task<PromptResult> PromptAsync(PromptRequest request, Session? session, CancellationToken cancellationToken = default)
    {
        (PromptResult result, AgentException? failure) = await BeginRun(request, session, cancellationToken).ConfigureAwait(false);
        return failure is null ? result : throw new PromptFailedException(result, failure);
    }

    /// <summary>The present counters and processes.</summary>
    public PoolStatistics GetStatistics()
    {
        PoolSnapshot now = Dispatcher.Read();
        DateTimeOffset wall = _time.GetLocalNow();
        PoolProcess[] processes =
        [
            .. now.Slots.Select(slot => new PoolProcess
            {
                ProcessId = slot.Agent.Life.ProcessId,
                HostName = slot.Agent.Host.Host.Name,
                State = slot.State == PooledAgentState.Leased ? "Active" : slot.State.ToString(),
                Agent = slot.Agent.Spec.Agent,
                Model = slot.Agent.Spec.Model,
                Engine = slot.Agent.Life.Connection?.Engine?.ToString(),
                WorkingDirectory = slot.Agent.Spec.WorkingDirectory,
                CreatedAt = slot.Agent.Life.CreatedAt,
                LastUsed = wall - slot.UnusedFor,
                UseCount = slot.UseCount,
                Prompt = slot.Work?.Prompt,
                PromptIndex = slot.Work?.Index,
                Session = slot.Sessions.Length > 0 ? slot.Sessions : null,
                InState = slot.Work is null ? slot.UnusedFor : slot.WorkingFor,
                MemoryBytes = slot.Agent.Life.Connection?.ReadMemoryBytes(),
            }),
        ];
        DateTimeOffset? startsAgain = now.StartsPausedFor is { Ticks: > 0 } left ? wall + left : null;
        return _counters.Read(processes, [.. now.Hosts.Select(Describe)], now.WaitingCount, SpendingLimit.Spent, _account.Last, new PoolBrakes(_coolDown.ThrottledCount, _coolDown.Until, startsAgain, now.LastStartFailure));
    }

    private PoolHostStatistics Describe(HostSnapshot host)
    {
        bool isLost = host.Link is { IsLost: true };
        return new PoolHostStatistics
        {
            HostName = host.Host.Name,
            State = isLost || host.Failure?.Kind == FailureKind.HostLost ? "Lost" : host.Failure is not null ? "Braked" : "Up",
            MaxSize = host.MaxSize,
            ProcessCount = host.Count,
            ActiveCount = host.Busy,
            Completed = _counters.OnHost(host.Host.Name, PromptOutcome.Completed),
            Failed = _counters.OnHost(host.Host.Name, PromptOutcome.Failed),
            Indeterminate = _counters.OnHost(host.Host.Name, PromptOutcome.Indeterminate),
            RoundTrip = host.Link?.RoundTrip,
            LastFailure = host.Failure?.Message ?? (isLost ? $"The link {host.Link!.Value.WhyLost}." : null),
        };
    }

    /// <summary>The names of the tools that agents of the pool have asked to use, at most 200.</summary>
    public IReadOnlyList<string> ReadTools() => _services.Tools.All;

    /// <summary>What the pool is busy with. Quick, because it asks no process.</summary>
    public PoolActivity ReadActivity()
    {
        PoolSnapshot now = Dispatcher.Read();
        return new PoolActivity(
            Count(PooledAgentState.Starting),
            Count(PooledAgentState.Leased),
            Count(PooledAgentState.Idle) + Count(PooledAgentState.Held),
            Count(PooledAgentState.Stopping),
            now.WaitingCount,
            IsStopped,
            _coolDown.Until,
            now.StartsPausedFor is { Ticks: > 0 } left ? _time.GetLocalNow() + left : null,
            Dispatcher.Resumes.Count);

        int Count(PooledAgentState state) => now.Slots.Count(slot => slot.State == state);
    }

    /// <summary>Whether a warm agent of the pool may report the use of its account's quota.</summary>
    public bool ReportsUsage => _account.Reporter is not null;

    /// <summary>
    /// Asks a warm agent, or a new one, for the use of its account's quota. kiro-cli's engine V3 reports it. The statistics
    /// then contain it.
    /// </summary>
    /// <param name="maxAge">The age up to which the last report is returned again; zero to ask in any case.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if the agent does not report it.</returns>
    /// <exception cref="AgentException">The agent could not be started, or did not answer.</exception>
    public Task<AccountUsage?> ReadUsageAsync(TimeSpan maxAge, CancellationToken cancellationToken = default) => _account.ReadAsync(maxAge, cancellationToken);

    /// <summary>Asks kiro-cli for the models of its account, on the first host of the pool that gives a connection.</summary>
    /// <param name="spec">The agent; program, directory and environment count.</param>
    /// <param name="limit">The longest wait for the answer of a host.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentException">No host gave a connection, or kiro-cli did not answer with a list.</exception>
    public Task<IReadOnlyList<KiroModel>> ReadModelsAsync(AgentSpec spec, TimeSpan limit, CancellationToken cancellationToken = default) =>
        _connector is AgentConnector own ? own.ReadModelsAsync(spec, limit, cancellationToken) : KiroModelList.ReadAsync(spec, limit, _time, cancellationToken);

    /// <summary>The engine of kiro-cli that the processes have reported; null until then, and for other agents.</summary>
    public KiroEngine? ReadEngine() =>
        Dispatcher.Read().Slots.Select(slot => slot.Agent.Life.Connection?.Engine).FirstOrDefault(engine => engine is not null);

    /// <summary>The agents and models that the processes have reported; empty before the first report.</summary>
    public AgentOffer ReadOffer()
    {
        AgentOffer[] offers = [.. Dispatcher.Read().Slots.Select(slot => slot.Agent.Life.Connection?.Offer).OfType<AgentOffer>()];
        return new AgentOffer([.. offers.SelectMany(o => o.Agents).Distinct()], [.. offers.SelectMany(o => o.Models).Distinct()]);
    }

    /// <summary>Stops the pool, and completes when none of its processes is left. A second call with a stronger mode hurries the stop.</summary>
    public Task StopAsync(PoolStopMode mode) => Dispatcher.StopAsync(mode);

    /// <summary>The conversations that the agents have stored.</summary>
    public SavedSessions Saved => new(this);

    /// <summary>Stops the pool without waiting for prompts.</summary>
    public ValueTask DisposeAsync() => Dispatcher.DisposeAsync();

    internal ValueTask<AgentLease> RentAsync(AgentSpec spec, CancellationToken cancellationToken) => Dispatcher.RentAsync(spec, resident: null, isAccepted: false, cancellationToken);

    /// <summary>Runs a prompt and returns its result, with the failure if it did not complete.</summary>
    internal Task<(PromptResult Result, AgentException? Failure)> RunAsync(PromptRequest request, CancellationToken cancellationToken) => RunAsync(request, session: null, cancellationToken);

    /// <inheritdoc cref="RunAsync(PromptRequest, CancellationToken)"/>
    internal Task<(PromptResult Result, AgentException? Failure)> RunAsync(PromptRequest request, Session? session, CancellationToken cancellationToken) =>
        BeginRun(request, session, cancellationToken).AsTask();

    /// <summary>Seats a conversation on an agent without a prompt.</summary>
    internal async Task OpenAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        if (!Dispatcher.TryAccept())
            throw PoolState.Stopped();
        try
        {
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, conversation.Removed, Dispatcher.StopToken);
            await conversation.Line.EnterAsync(any.Token).ConfigureAwait(false);
            try
            {
                (await conversation.Seat.TakeAsync(allowNew: false, any.Token).ConfigureAwait(false)).Loan.Dispose();
            }
            finally
            {
                conversation.Line.Leave();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw conversation.IsRemoved ? Conversation.WasRemoved(conversation.Name) : PoolState.Stopped();
        }
        finally
        {
            Dispatcher.Accomplished();
        }
    }

    private ValueTask<(PromptResult Result, AgentException? Failure)> BeginRun(PromptRequest request, Session? session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        AgentException? refusal = session is null || session.BelongsTo(this) ? null : SessionRegistry.FromElsewhere(session);
        if (request.Meta is not null && DefaultSpec.Protocol != AgentProtocol.Acp)
            refusal ??= new AgentException(FailureKind.NotSupported, $"The protocol {DefaultSpec.Protocol} has no metadata of prompts. Use the protocol Acp.");
        return new PromptRun(_services, request, session?.Conversation).RunAsync(refusal, cancellationToken);
    }
}
