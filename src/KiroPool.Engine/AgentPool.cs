using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Sessions;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine;

/// <summary>How a pool is stopped.</summary>
public enum PoolStopMode
{
    /// <summary>Prompts that are queued or running go on to their end; new ones are refused.</summary>
    Drain,

    /// <summary>Queued prompts fail and running ones are cancelled.</summary>
    Cancel,

    /// <summary>As <see cref="Cancel"/>, and processes get no grace.</summary>
    Kill,
}

/// <summary>
/// A pool of warm agent processes. <c>AgentPool.Lending.cs</c> lends them and takes them back, <c>AgentPool.Scheduling.cs</c>
/// decides who gets which, <c>AgentPool.Lifecycle.cs</c> starts and ends them.
/// </summary>
/// <remarks>
/// One lock guards all state and is never held over a wait or a call to a process. A place in the pool is taken from
/// the decision to start a process until nothing of it is left, so there are never more than
/// <see cref="PoolOptions.MaxSize"/> processes.
/// </remarks>
public sealed partial class AgentPool : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly IAgentConnector _connector;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly List<PooledAgent> _agents = [];
    private readonly IdleAgents _idle = new();
    private readonly WaitingLine _waiting = new();
    private readonly Dictionary<AgentSpec, StartBreaker> _breakers = [];
    private readonly PoolCounters _counters = new();
    private readonly CancellationTokenSource _cancelPrompts = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _sweep;
    private int _accepted;
    private bool _closed;
    private bool _refusesAll;
    private volatile bool _kill;
    private Task? _stopped;

    /// <summary>Makes a pool. Nothing is started before <see cref="WarmAsync"/>, the first prompt, or the first sweep after <see cref="PoolOptions.SweepInterval"/>.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="defaultSpec">The agent for prompts that name no other, and the one kept warm.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public AgentPool(PoolOptions options, AgentSpec defaultSpec, TimeProvider? time = null)
        : this(options, defaultSpec, log => new AgentConnector(options, time ?? TimeProvider.System, log), time ?? TimeProvider.System, Random.Shared)
    {
    }

    internal AgentPool(PoolOptions options, AgentSpec defaultSpec, Func<IPoolLog, IAgentConnector> connector, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaultSpec);
        options.Validate();
        Options = options;
        DefaultSpec = defaultSpec;
        _time = time;
        CreatedAt = time.GetLocalNow();
        _random = random;
        _connector = connector(Log);
        CoolDown = new CoolDown(options, time, Log);
        Sessions = new SessionRegistry(this, time);
        ProcessGuardian.Shared.AddPool(Log);
        _sweep = time.CreateTimer(static pool => ((AgentPool)pool!).Sweep(), this, options.SweepInterval, options.SweepInterval);
    }

    /// <summary>The limits.</summary>
    public PoolOptions Options { get; }

    /// <summary>The agent for prompts that name no other.</summary>
    public AgentSpec DefaultSpec { get; }

    /// <summary>What the pool does, as it does it.</summary>
    public PoolLog Log { get; } = new();

    /// <summary>The conversations of this pool.</summary>
    public SessionRegistry Sessions { get; }

    /// <summary>Which tools agents may use, for prompts that say nothing else. Default: none.</summary>
    public PermissionPolicy Permissions { get; init; } = PermissionPolicy.None;

    /// <summary>Cancelled when prompts are no longer wanted.</summary>
    internal CancellationToken StopToken => _cancelPrompts.Token;

    internal CoolDown CoolDown { get; }

    /// <summary>When the pool was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>Whether a stop has begun: no more prompts are taken.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Completes when a stop is through: nothing of the pool is left.</summary>
    public Task WhenStopped => _gone.Task;

    /// <summary>Starts the warm agents of <see cref="PoolOptions.MinSize"/> and waits until the first is warm.</summary>
    /// <exception cref="AgentException">It did not become warm.</exception>
    public async Task WarmAsync(CancellationToken cancellationToken = default)
    {
        if (Options.MinSize == 0)
            return;
        lock (_gate)
            Schedule();
        AgentLease lease = await RentAsync(DefaultSpec, cancellationToken).ConfigureAwait(false);
        lease.Return();
    }

    /// <summary>Runs a prompt.</summary>
    /// <exception cref="PromptFailedException">It did not complete; the exception has all that is known of it.</exception>
    public async Task<PromptResult> PromptAsync(PromptRequest request, CancellationToken cancellationToken = default)
    {
        (PromptResult result, AgentException? failure) = await BeginRun(request, cancellationToken).ConfigureAwait(false);
        return failure is null ? result : throw new PromptFailedException(result, failure);
    }

    /// <summary>The counters and the processes as they are now.</summary>
    public PoolStatistics GetStatistics()
    {
        (PooledAgent Agent, PooledAgentState State, DateTimeOffset LastUsed, int UseCount)[] agents;
        int waiting;
        PoolBrakes brakes;
        lock (_gate)
        {
            brakes = ReadBrakes();
            agents = [.. _agents.Select(a => (a, a.State, a.LastUsed, a.UseCount))];
            waiting = _waiting.Count;
        }

        PoolProcess[] processes =
        [
            .. agents.Select(a => new PoolProcess
            {
                ProcessId = a.Agent.Connection.ProcessId,
                State = a.State == PooledAgentState.Leased ? "Active" : a.State.ToString(),
                Agent = a.Agent.Spec.Agent,
                Model = a.Agent.Spec.Model,
                WorkingDirectory = a.Agent.Spec.WorkingDirectory,
                CreatedAt = a.Agent.CreatedAt,
                LastUsed = a.LastUsed,
                UseCount = a.UseCount,
                MemoryBytes = a.Agent.Connection.ReadMemoryBytes(),
            }),
        ];
        return _counters.Read(processes, waiting, brakes);
    }

    /// <summary>The agents and models that the processes say they have; empty while none has said so.</summary>
    public AgentOffer ReadOffer()
    {
        AgentOffer[] offers;
        lock (_gate)
            offers = [.. _agents.Select(a => a.Connection.Offer).OfType<AgentOffer>()];
        return new AgentOffer([.. offers.SelectMany(o => o.Agents).Distinct()], [.. offers.SelectMany(o => o.Models).Distinct()]);
    }

    /// <summary>Stops the pool; completes when nothing of it is left. Calling it again with a stronger mode hurries the stop.</summary>
    public Task StopAsync(PoolStopMode mode)
    {
        PooledAgent[] agents;
        lock (_gate)
        {
            if (!_closed)
                Log.WriteVerbose($"the pool is being stopped ({mode})");
            _closed = true;
            _stopped ??= StopWhenDrainedAsync();
            if (mode != PoolStopMode.Drain)
                RefuseAll();
            _kill |= mode == PoolStopMode.Kill;
            agents = [.. _agents];
            Schedule();
        }

        if (mode == PoolStopMode.Kill)
        {
            foreach (PooledAgent agent in agents)
                _ = agent.Connection.StopAsync(force: true);
        }

        if (mode != PoolStopMode.Drain)
        {
            _cancelPrompts.Cancel();
            _drained.TrySetResult();
        }

        return _stopped;
    }

    /// <summary>Stops the pool without waiting for prompts.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(PoolStopMode.Cancel).ConfigureAwait(false);

    /// <summary>Runs a prompt and says what came of it, and why when it did not complete.</summary>
    internal Task<(PromptResult Result, AgentException? Failure)> RunAsync(PromptRequest request, CancellationToken cancellationToken) =>
        BeginRun(request, cancellationToken).AsTask();

    private ValueTask<(PromptResult Result, AgentException? Failure)> BeginRun(PromptRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new PromptRun(this, request, _counters, _time).RunAsync(cancellationToken, _cancelPrompts.Token);
    }

    private PoolBrakes ReadBrakes()
    {
        StartBreaker? failing = _breakers.Values.Where(breaker => breaker.LastFailure is not null).MaxBy(breaker => breaker.RetryIn);
        DateTimeOffset? startsAgain = failing is { RetryIn: { Ticks: > 0 } left } ? _time.GetUtcNow() + left : null;
        return new PoolBrakes(CoolDown.ThrottledCount, CoolDown.Until, startsAgain, failing?.LastFailure?.Message);
    }

    private void RefuseAll()
    {
        _refusesAll = true;
        foreach (Waiter waiter in _waiting.All().ToArray())
            Refuse(waiter, Stopped());
    }

    private async Task StopWhenDrainedAsync()
    {
        await _drained.Task.ConfigureAwait(false);
        await _sweep.DisposeAsync().ConfigureAwait(false);
        Task[] left;
        lock (_gate)
        {
            foreach (PooledAgent agent in _agents.Where(a => a.State != PooledAgentState.Stopping))
                End(agent, EndReason.PoolStopped);
            left = [.. _agents.Select(a => a.Left.Task)];
        }

        await Task.WhenAll(left).ConfigureAwait(false);
        await ProcessGuardian.Shared.RemovePoolAsync(Log).ConfigureAwait(false);
        Log.WriteVerbose("the pool is stopped");
        _gone.TrySetResult();
    }

    internal static AgentException Stopped() => new(FailureKind.PoolStopped, "The pool has been stopped. Start one with Start-KiroPool.");
}
