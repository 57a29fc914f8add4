using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Leases agents and takes returned ones. <see cref="PoolState"/> decides under the lock. This class acts after the lock
/// was left: it starts and ends processes, serves waiters and writes the log. So no listener, connector or callback runs
/// under the lock, and none of them can block the pool.
/// </summary>
internal sealed class AgentDispatcher : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly PoolState _state;
    private readonly IAgentConnector _connector;
    private readonly CoolDown _coolDown;
    private readonly PoolCounters _counters;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancelPrompts = new();
    private readonly ITimer _sweep;
    private volatile bool _kill;
    private Task? _stopped;

    public AgentDispatcher(PoolOptions options, AgentSpec defaultSpec, IAgentConnector connector, CoolDown coolDown, PoolLog log, PoolCounters counters, TimeProvider time, Random random)
    {
        (Options, _connector, _coolDown, Log, _counters, _time) = (options, connector, coolDown, log, counters, time);
        _state = new PoolState(options, defaultSpec, time, random);
        ProcessGuardian.Shared.AddPool(log);
        _sweep = OwnWork.Run(() => time.CreateTimer(static dispatcher => ((AgentDispatcher)dispatcher!).Sweep(), this, options.SweepInterval, options.SweepInterval));
    }

    public PoolOptions Options { get; }

    /// <summary>The conversations that agents are loading.</summary>
    public RunningSteps Resumes { get; } = new();

    public AgentSpec DefaultSpec => _state.DefaultSpec;

    public PoolLog Log { get; }

    /// <summary>Cancelled by a stop that does not wait for prompts.</summary>
    public CancellationToken StopToken => _cancelPrompts.Token;

    /// <summary>Whether a stop has begun. No more prompts are accepted then.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_gate)
                return _state.IsClosed;
        }
    }

    /// <summary>Completes when a stop has ended all processes of the pool.</summary>
    public Task WhenStopped => _gone.Task;

    /// <summary>Accepts a prompt, unless a stop has begun. A drain waits until it is <see cref="Accomplished"/>.</summary>
    public bool TryAccept()
    {
        lock (_gate)
            return _state.TryAccept();
    }

    public void Accomplished()
    {
        Decision[] decided;
        lock (_gate)
        {
            _state.Accomplished();
            decided = Decided();
        }

        Act(decided);
    }

    /// <summary>Changes the directory of the agents that are kept warm.</summary>
    public void MoveStandby(string directory)
    {
        lock (_gate)
            _state.MoveStandby(directory);
    }

    /// <summary>Starts the warm agents of <see cref="PoolOptions.MinSize"/>.</summary>
    public void Refresh()
    {
        Decision[] decided;
        lock (_gate)
        {
            _state.Refresh();
            decided = Decided();
        }

        Act(decided);
    }

    /// <summary>Waits for an idle, returned or newly started agent.</summary>
    /// <param name="spec">The key.</param>
    /// <param name="resident">The conversation of the request; null for a stand-alone prompt.</param>
    /// <param name="isAccepted">Whether the prompt is between <see cref="TryAccept"/> and <see cref="Accomplished"/>. A draining pool still serves it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="rules">What it waits for; the usual when null.</param>
    public ValueTask<AgentLease> RentAsync(AgentSpec spec, IResident? resident, bool isAccepted, CancellationToken cancellationToken, WaitRules? rules = null)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AgentLease>(cancellationToken);
        PooledAgent? agent;
        bool isTurn;
        LeaseRequest? request = null;
        Decision[] decided;
        lock (_gate)
        {
            if (_state.IsClosed && (!isAccepted || _state.RefusesAll))
                return ValueTask.FromException<AgentLease>(PoolState.Stopped());
            agent = _state.TryRent(spec, resident, out isTurn);
            if (agent is null)
                _state.Enqueue(request = new LeaseRequest(spec, resident, _time.GetTimestamp(), rules ?? WaitRules.Usual));
            decided = Decided();
        }

        Act(decided);
        if (request is null)
            return new ValueTask<AgentLease>(new AgentLease(this, agent!, wasWarm: true, isTurn ? resident : null));
        request.CancelWith(GiveUp, cancellationToken);
        return new ValueTask<AgentLease>(request.Lease);
    }

    public bool CountUse(PooledAgent agent, bool wasWarm)
    {
        bool usedBefore;
        Decision[] decided;
        lock (_gate)
        {
            usedBefore = _state.CountUse(agent);
            decided = Decided();
        }

        Act(decided);
        _counters.AgentUsed(wasWarm, usedBefore);
        return usedBefore;
    }

    public void Return(PooledAgent agent, IResident? resident)
    {
        Task<bool> settled = resident is null ? agent.Life.Connection!.SettleAsync() : resident.SettleAsync();
        if (settled.IsCompletedSuccessfully)
            TakeBack(agent, resident, settled.Result);
        else
            _ = TakeBackLaterAsync(agent, resident, settled);
    }

    /// <summary>Starts a turn of a conversation on its agent; null if that agent has ended or is ending.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="resident">The conversation.</param>
    /// <param name="settles">The copy of the conversation whose turn it is; null for the conversation itself.</param>
    public AgentLease? TryBeginTurn(PooledAgent agent, IResident resident, IResident? settles = null)
    {
        bool begun;
        Decision[] decided;
        lock (_gate)
        {
            begun = _state.TryBeginTurn(agent, resident);
            decided = Decided();
        }

        Act(decided);
        return begun ? new AgentLease(this, agent, wasWarm: true, settles ?? resident) : null;
    }

    /// <summary>Seats a conversation on an agent that was leased to it. The lease becomes its first turn there.</summary>
    public AgentLease MoveIn(PooledAgent agent, bool wasWarm, IResident resident)
    {
        Decision[] decided;
        lock (_gate)
        {
            _state.MoveIn(agent, resident);
            decided = Decided();
        }

        agent.Life.Connection!.HoldsConversations = agent.CanLoadSessions;
        Act(decided);
        return new AgentLease(this, agent, wasWarm, resident);
    }

    /// <summary>Removes a conversation from its agent. If its turn still runs, the agent is free after that.</summary>
    public void MoveOut(PooledAgent agent, IResident resident)
    {
        bool isEmpty;
        Decision[] decided;
        lock (_gate)
        {
            isEmpty = _state.MoveOut(agent, resident);
            decided = Decided();
        }

        if (isEmpty)
            agent.Life.Connection!.HoldsConversations = false;
        Act(decided);
    }

    /// <summary>Whether conversations can still have turns on the agent.</summary>
    public bool IsServing(PooledAgent agent)
    {
        lock (_gate)
            return agent.State is PooledAgentState.Held or PooledAgentState.Leased;
    }

    /// <summary>The present slots, oldest first, and the pause of starts.</summary>
    public PoolSnapshot Read()
    {
        lock (_gate)
        {
            StartBreaker? failing = _state.Breakers.Slowest;
            return new PoolSnapshot(
                [.. _state.Agents.Select(ReadSlot)],
                [.. _state.Hosts.All.Select(host => new HostSnapshot(host.Host, host.MaxSize, host.Count, host.Busy, host.Failure, _connector.ReadLink(host.Host)))],
                _state.Waiting.Count,
                failing?.RetryIn,
                failing?.LastFailure?.Message);
        }
    }

    private SlotSnapshot ReadSlot(PooledAgent agent)
    {
        AgentWork? work = agent.Life.Work;
        return new SlotSnapshot(
            agent,
            agent.State,
            _time.GetElapsedTime(agent.LastUsed),
            agent.UseCount,
            work,
            work is null ? TimeSpan.Zero : _time.GetElapsedTime(work.Since),
            string.Join(", ", agent.Residents.Where(resident => resident.Name.Length > 0).Select(resident => resident.Name)));
    }

    /// <summary>Stops the pool, and completes when none of its processes is left. A second call with a stronger mode hurries the stop.</summary>
    public Task StopAsync(PoolStopMode mode)
    {
        bool isFirst;
        AgentLife[] lives;
        Decision[] decided;
        lock (_gate)
        {
            isFirst = !_state.IsClosed;
            _kill |= mode == PoolStopMode.Kill;
            _state.Close(refuseAll: mode != PoolStopMode.Drain);
            lives = [.. _state.Agents.Select(agent => agent.Life)];
            _stopped ??= StopWhenDrainedAsync();
            decided = Decided();
        }

        if (isFirst)
            Log.WriteVerbose($"stopping the pool ({mode})");
        Act(decided);
        if (mode == PoolStopMode.Drain)
            return _stopped;
        if (mode == PoolStopMode.Kill)
        {
            foreach (AgentLife life in lives)
                _ = life.Connection?.StopAsync(force: true);
        }

        _cancelPrompts.Cancel();
        _drained.TrySetResult();
        return _stopped;
    }

    public async ValueTask DisposeAsync() => await StopAsync(PoolStopMode.Cancel).ConfigureAwait(false);

    private async Task TakeBackLaterAsync(PooledAgent agent, IResident? resident, Task<bool> settled)
    {
        bool reusable = false;
        try
        {
            reusable = await settled.ConfigureAwait(false);
        }
        finally
        {
            TakeBack(agent, resident, reusable);
        }
    }

    private void TakeBack(PooledAgent agent, IResident? resident, bool reusable)
    {
        Decision[] decided;
        lock (_gate)
        {
            _state.Return(agent, resident, reusable);
            decided = Decided();
        }

        Act(decided);
    }

    private void GiveUp(LeaseRequest request, CancellationToken cancellationToken)
    {
        bool waited;
        Decision[] decided;
        lock (_gate)
        {
            waited = _state.Cancel(request);
            decided = Decided();
        }

        if (waited)
            request.GiveUp(cancellationToken);
        Act(decided);
    }

    /// <summary>Takes the decisions of an event, under the lock. Call <see cref="Act(Decision[])"/> after it.</summary>
    private Decision[] Decided()
    {
        if (_state.IsDrained)
            _drained.TrySetResult();
        return _state.TakeDecisions();
    }

    private void Act(Decision[] decided)
    {
        foreach (Decision decision in decided)
            Act(decision);
    }

    private void Act(Decision decision)
    {
        switch (decision)
        {
            case Decision.Serve(LeaseRequest request, var agent, var wasWarm, var isTurn):
                request.Serve(new AgentLease(this, agent, wasWarm, isTurn ? request.Resident : null));
                break;
            case Decision.Refuse(LeaseRequest request, var reason):
                request.Refuse(reason);
                break;
            case Decision.Start(var agent):
                Log.WriteVerbose($"an agent is being started: {agent.Spec}");
                ActivityContext cause = Activity.Current is { } span && ReferenceEquals(span.Source, PoolTraces.Source) ? span.Context : default;
                OwnWork.Run(() => OpenAsync(agent, cause));
                break;
            case Decision.End(var agent, var reason):
                _counters.ProcessStopped(reason);
                Log.WriteVerbose($"is being ended ({reason})", agent.Life.ProcessId);
                OwnWork.Run(() => Task.Run(() => EndAsync(agent)));
                break;
            case Decision.PauseStarts(_, var pause):
                Log.WriteVerbose($"starts pause for {pause.TotalSeconds:0.#} s after {Options.BreakerThreshold} or more failures in a row");
                LookAgain(pause);
                break;
            case Decision.BrakeHost(var host, var isFirst):
                if (isFirst)
                    Log.Write(new PoolEvent(PoolEventLevel.Warning, host.Failure!.Message));
                if (!host.IsRefused)
                    LookAgain(host.RetryIn);
                break;
            case Decision.ReleaseHost(var host):
                Log.Write(new PoolEvent(PoolEventLevel.Warning, $"The host '{host.Host.Name}' is up again."));
                break;
        }
    }

    /// <summary>Waiters stay during the pause, and no event may come at its end.</summary>
    private void LookAgain(TimeSpan pause) => OwnWork.Run(async () =>
    {
        try
        {
            await Task.Delay(pause + TimeSpan.FromMilliseconds(1), _time, StopToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Decision[] decided;
        lock (_gate)
        {
            _state.LookAgain();
            decided = Decided();
        }

        Act(decided);
    });

    /// <param name="agent">The agent to start.</param>
    /// <param name="cause">The wait that needs it; empty if none does.</param>
    private async Task OpenAsync(PooledAgent agent, ActivityContext cause)
    {
        Activity? span = PoolTraces.Start("start", ActivityKind.Internal, cause);
        long startedAt = _time.GetTimestamp();
        AgentException? failure = await agent.Life.OpenAsync(
            () =>
            {
                IAgentConnection connection = _connector.Create(agent.Spec, agent.Host.Host);
                agent.Vitals = connection;
                return connection;
            },
            _time.GetLocalNow()).ConfigureAwait(false);
        span?.SetTag("process.executable.name", Path.GetFileName(agent.Spec.Executable));
        span?.SetTag("process.pid", agent.Life.ProcessId);
        if (failure is not null)
            span?.Failed(failure.Kind.ToString(), failure.Message);
        span?.Dispose();
        if (agent.Life.ProcessId is not null)
            _counters.ProcessCreated();
        Log.WriteVerbose(
            failure is null ? $"is warm after {_time.GetElapsedTime(startedAt).TotalMilliseconds:N0} ms" : $"an agent did not start: {failure.Message}",
            agent.Life.ProcessId);
        Decision[] decided;
        lock (_gate)
        {
            if (failure is null)
                _state.Started(agent);
            else
                _state.StartFailed(agent, failure);
            decided = Decided();
        }

        if (failure?.Kind == FailureKind.RateLimited)
            _coolDown.Throttled();
        Act(decided);
        if (failure is null)
            await ForgetWhenItDiesAsync(agent, agent.Life.Connection!).ConfigureAwait(false);
    }

    private async Task ForgetWhenItDiesAsync(PooledAgent agent, IAgentConnection connection)
    {
        await connection.Closed.ConfigureAwait(false);
        Decision[] decided;
        lock (_gate)
        {
            _state.Died(agent);
            decided = Decided();
        }

        Act(decided);
    }

    private async Task EndAsync(PooledAgent agent)
    {
        try
        {
            await agent.Life.EndAsync(() => _kill).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.WriteVerbose($"could not be ended cleanly: {e.Message}", agent.Life.ProcessId);
        }
        finally
        {
            Log.WriteVerbose("is gone", agent.Life.ProcessId);
            Decision[] decided;
            lock (_gate)
            {
                _state.Gone(agent);
                decided = Decided();
            }

            Act(decided);
            agent.Life.Leave();
        }
    }

    private void Sweep()
    {
        IReadOnlyList<PooledAgent> overMemory = [];
        try
        {
            overMemory = FindOverMemory();
        }
        catch (Exception e)
        {
            // On a timer thread an escaped exception would end the user's shell.
            Log.WriteVerbose($"the memory of agents could not be read: {e.Message}");
        }

        Decision[] decided;
        lock (_gate)
        {
            _state.Sweep(overMemory);
            decided = Decided();
        }

        Act(decided);
    }

    /// <summary>Reads the memory of idle agents, because a turn may need much for a while. Outside the lock, because it asks the system.</summary>
    private IReadOnlyList<PooledAgent> FindOverMemory()
    {
        if (Options.MaxMemoryBytes == 0)
            return [];
        PooledAgent[] unused;
        lock (_gate)
            unused = [.. _state.Idle.All(), .. _state.Agents.Suspendable];
        return [.. unused.Where(agent => agent.Life.Connection!.ReadMemoryBytes() > Options.MaxMemoryBytes)];
    }

    private async Task StopWhenDrainedAsync()
    {
        await _drained.Task.ConfigureAwait(false);
        await _sweep.DisposeAsync().ConfigureAwait(false);
        Task[] left;
        Decision[] decided;
        lock (_gate)
        {
            _state.EndAll();
            left = [.. _state.Agents.Select(agent => agent.Life.Left)];
            decided = Decided();
        }

        Act(decided);
        await Task.WhenAll(left).ConfigureAwait(false);
        await _connector.CloseAsync().ConfigureAwait(false);
        await ProcessGuardian.Shared.RemovePoolAsync(Log).ConfigureAwait(false);
        Log.WriteVerbose("the pool has stopped");
        _gone.TrySetResult();
    }
}
