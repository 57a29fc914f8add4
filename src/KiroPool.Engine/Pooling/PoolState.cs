using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// Decides which waiter gets which agent, and which agents start and end. It contains only data: no task, no log, no
/// connection. Every event updates it, and <see cref="TakeDecisions"/> returns the resulting decisions.
/// </summary>
/// <remarks>
/// Guarded by the lock of <see cref="AgentDispatcher"/>, which carries out the decisions after the lock. A slot is taken
/// from the decision to start a process until its last process is gone, so there are never more than
/// <see cref="PoolOptions.MaxSize"/> processes.
/// </remarks>
internal sealed class PoolState
{
    private readonly PoolOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly PoolScheduler _scheduler;
    private readonly List<Decision> _decisions = [];
    private int _accepted;

    public PoolState(PoolOptions options, AgentSpec defaultSpec, TimeProvider time, Random random)
    {
        (_options, DefaultSpec, _time, _random) = (options, defaultSpec, time, random);
        Breakers = new StartBreakers(options, time);
        Hosts = new PoolHosts(options, Agents, Breakers, time);
        _scheduler = new PoolScheduler(this, options, time);
    }

    public AgentSpec DefaultSpec { get; private set; }

    public AgentRoster Agents { get; } = new();

    public IdleAgents Idle { get; } = new();

    public WaitingLine Waiting { get; } = new();

    public StartBreakers Breakers { get; }

    public PoolHosts Hosts { get; }

    /// <summary>Whether a stop has begun. No more prompts are accepted then.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the stop also refuses prompts that were accepted before it.</summary>
    public bool RefusesAll { get; private set; }

    /// <summary>Whether a stop can end all agents, because no accepted prompt is left.</summary>
    public bool IsDrained => IsClosed && _accepted == 0 && Waiting.Count == 0 && Agents.All(a => a.State is not PooledAgentState.Leased);

    /// <summary>Returns the decisions since the last call, in order.</summary>
    public Decision[] TakeDecisions()
    {
        if (_decisions.Count == 0)
            return [];
        Decision[] decisions = [.. _decisions];
        _decisions.Clear();
        return decisions;
    }

    /// <summary>Accepts a prompt, unless a stop has begun. A drain waits for its <see cref="Accomplished"/>.</summary>
    public bool TryAccept()
    {
        if (IsClosed)
            return false;
        _accepted++;
        return true;
    }

    /// <summary>Records the outcome of an accepted prompt.</summary>
    public void Accomplished() => _accepted--;

    /// <summary>Changes the directory of the agents that are kept warm. Agents of the old one serve it until their idle time is over.</summary>
    public void MoveStandby(string directory) => DefaultSpec = DefaultSpec.With(workingDirectory: directory);

    /// <summary>Updates the pool without an event, to warm its first agents.</summary>
    public void Refresh() => _scheduler.Run();

    /// <summary>Updates the pool for its waiters, after a pause of starts.</summary>
    public void LookAgain()
    {
        if (Waiting.Count > 0)
            _scheduler.Run();
    }

    /// <summary>Leases an available agent: a shared process for a conversation, or an idle agent if there is no waiter.</summary>
    /// <param name="spec">The key.</param>
    /// <param name="resident">The conversation of the request; null for a stand-alone prompt.</param>
    /// <param name="isTurn">Whether it is already a turn, because the conversation now lives on that agent.</param>
    /// <returns>The agent; null if the request must wait.</returns>
    public PooledAgent? TryRent(AgentSpec spec, IResident? resident, out bool isTurn)
    {
        isTurn = false;
        if (resident is not null && TryHost(spec, resident, out PooledAgent? host))
        {
            isTurn = true;
            return host;
        }

        if (Waiting.Count > 0 || !TryTakeIdle(spec, out PooledAgent? agent))
            return null;
        Lease(agent);
        return agent;
    }

    /// <summary>Adds a waiter. A later decision serves or refuses it, unless it is abandoned first.</summary>
    public void Enqueue(Waiter waiter)
    {
        Waiting.Add(waiter);
        _scheduler.Run();
    }

    /// <summary>Removes an abandoned waiter. Returns false if it was already served or refused.</summary>
    public bool Cancel(Waiter waiter)
    {
        bool waited = Waiting.Remove(waiter);
        _scheduler.Run();
        return waited;
    }

    /// <summary>Counts a prompt on the agent. Returns whether the agent had served one before.</summary>
    public bool CountUse(PooledAgent agent)
    {
        bool usedBefore = agent.UseCount++ > 0;

        // Its replacement can start during its last use.
        if (agent.IsSpent || agent.DueFor(_time) is not null)
            _scheduler.Run();
        return usedBefore;
    }

    /// <summary>Takes a returned agent, or one whose conversation has ended its turn. The turn has settled or not.</summary>
    public void Return(PooledAgent agent, IResident? resident, bool reusable)
    {
        agent.LastUsed = _time.GetTimestamp();
        if (resident is not null)
            EndTurn(agent, reusable);
        else if (agent.State != PooledAgentState.Leased)
            return;
        else if (!reusable || agent.IsClosed)
            End(agent, agent.IsClosed ? EndReason.Died : EndReason.NotSettled);
        else
            Free(agent);
        _scheduler.Run();
    }

    /// <summary>Starts a turn of a conversation on its agent. Returns false if that agent has ended or is ending.</summary>
    public bool TryBeginTurn(PooledAgent agent, IResident resident)
    {
        if (agent.State is not (PooledAgentState.Held or PooledAgentState.Leased) || !agent.Residents.Contains(resident))
            return false;
        if (!agent.IsClosed)
        {
            BeginTurn(agent);
            return true;
        }

        if (agent.State == PooledAgentState.Held)
        {
            End(agent, EndReason.Died);
            _scheduler.Run();
        }

        return false;
    }

    /// <summary>Seats a conversation on an agent that was leased to it. The lease becomes its first turn there.</summary>
    public void MoveIn(PooledAgent agent, IResident resident)
    {
        agent.Residents.Add(resident);
        agent.Turns = 1;
        _scheduler.Run();
    }

    /// <summary>Removes a conversation from its agent. If its turn still runs, the agent is free after that.</summary>
    /// <returns>Whether it was the last one there.</returns>
    public bool MoveOut(PooledAgent agent, IResident resident)
    {
        if (!agent.Residents.Remove(resident) || agent.Residents.Count > 0)
            return false;
        if (agent.State == PooledAgentState.Held)
            Free(agent);
        _scheduler.Run();
        return true;
    }

    /// <summary>Records a warm agent.</summary>
    public void Started(PooledAgent agent)
    {
        if (agent.State != PooledAgentState.Starting)
            return;
        Breakers.Close(agent.Spec, agent.Host);
        Reach(agent.Host);
        agent.LastUsed = agent.WarmSince = _time.GetTimestamp();
        MakeIdle(agent);
        if (agent.Replaces is { } old && old.DueFor(_time) is { } reason)
        {
            if (old.State == PooledAgentState.Idle || old.IsSuspendable)
                EndReplaced(old, reason);
            else
                old.Replaced = reason;
        }

        _scheduler.Run();
    }

    /// <summary>Records a failed start.</summary>
    public void StartFailed(PooledAgent agent, AgentException failure)
    {
        if (agent.State != PooledAgentState.Starting)
            return;
        End(agent, EndReason.StartFailed);
        if (PoolHost.IsOfHost(failure))
        {
            _decisions.Add(new Decision.BrakeHost(agent.Host, agent.Host.Failed(failure)));
        }
        else
        {
            Reach(agent.Host);
            StartBreaker breaker = Breakers.Failed(agent.Spec, agent.Host, failure);
            if (breaker.IsOpen)
                _decisions.Add(new Decision.PauseStarts(agent.Spec, breaker.RetryIn));
            foreach (Waiter waiter in Disappointed(agent, failure, breaker).ToArray())
                Refuse(waiter, failure);
        }

        _scheduler.Run();
    }

    /// <summary>Records an agent that ended by itself. A leased one is handled when it is returned.</summary>
    public void Died(PooledAgent agent)
    {
        if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Held))
            return;
        End(agent, EndReason.Died);
        _scheduler.Run();
    }

    /// <summary>Frees the slot of an agent whose last process is gone.</summary>
    public void Gone(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Gone);
        Agents.Remove(agent);
        _scheduler.Run();
    }

    /// <summary>Ends or replaces agents over their idle time, age or memory limit.</summary>
    public void Sweep(IEnumerable<PooledAgent> overMemory)
    {
        if (IsClosed)
            return;
        foreach (PooledAgent agent in overMemory)
            agent.IsOverMemory = true;
        Breakers.ForgetStale();

        // Limits apply to conversations too: their agent ends between turns, and they are resumed in another one.
        foreach (PooledAgent agent in Agents.Suspendable.ToArray())
        {
            if ((agent.Replaced ?? agent.DueFor(_time)) is { } reason)
                EndReplaced(agent, reason);
        }

        EndIdleTooLong();
        _scheduler.Run();
    }

    /// <summary>Starts or hurries a stop. <paramref name="refuseAll"/> also refuses the present waiters.</summary>
    public void Close(bool refuseAll)
    {
        IsClosed = true;
        RefusesAll |= refuseAll;
        if (refuseAll)
        {
            foreach (Waiter waiter in Waiting.All().ToArray())
                Refuse(waiter, Stopped());
        }

        _scheduler.Run();
    }

    /// <summary>Ends every agent: the last step of a stop.</summary>
    public void EndAll()
    {
        foreach (PooledAgent agent in Agents.Where(a => a.State != PooledAgentState.Stopping))
            End(agent, EndReason.PoolStopped);
    }

    public static AgentException Stopped() => new(FailureKind.PoolStopped, "The pool was stopped. Start a pool with Start-KiroPool.");

    /// <summary>Takes a slot for a new process.</summary>
    internal void Start(AgentSpec spec, PoolHost host, PooledAgent? replaces = null)
    {
        var agent = new PooledAgent(spec, host, _time.GetTimestamp(), AgentLimits.Draw(_options, spec.ServesOnce, _random)) { Replaces = replaces };
        Agents.Add(agent);
        _decisions.Add(new Decision.Start(agent));
    }

    internal void End(PooledAgent agent, EndReason reason)
    {
        Idle.Remove(agent);
        agent.MoveTo(PooledAgentState.Stopping);
        _decisions.Add(new Decision.End(agent, reason));
    }

    internal void EndReplaced(PooledAgent agent, EndReason reason)
    {
        agent.Replaced = reason;
        End(agent, reason);
    }

    internal void Serve(Waiter waiter, PooledAgent agent, bool wasWarm, bool isTurn = false)
    {
        Waiting.Remove(waiter);
        _decisions.Add(new Decision.Serve(waiter, agent, wasWarm, isTurn));
    }

    internal void Refuse(Waiter waiter, AgentException reason)
    {
        Waiting.Remove(waiter);
        _decisions.Add(new Decision.Refuse(waiter, reason));
    }

    internal void Lease(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Leased);
        agent.LastUsed = _time.GetTimestamp();
    }

    /// <summary>Takes an idle agent. A dead one is not leased, even before the event of its death.</summary>
    internal bool TryTakeIdle(AgentSpec spec, [NotNullWhen(true)] out PooledAgent? agent)
    {
        while (Idle.TryTake(spec, out agent))
        {
            if (!agent.IsClosed)
                return true;
            End(agent, EndReason.Died);
        }

        return false;
    }

    /// <summary>Finds a shared process for a conversation beside others of its key.</summary>
    internal bool TryHost(AgentSpec spec, IResident resident, [NotNullWhen(true)] out PooledAgent? host)
    {
        host = _options.SessionsPerProcess == 1 ? null : Agents.Find(a =>
            a.State is PooledAgentState.Held or PooledAgentState.Leased
            && a.Residents.Count > 0
            && a.Residents.Count < Math.Min(_options.SessionsPerProcess, a.Vitals!.MostConversations)
            && a.Spec.Equals(spec)
            && a is { IsClosed: false, Replaced: null }
            && a.DueFor(_time) is null);
        if (host is null)
            return false;
        host.Residents.Add(resident);
        BeginTurn(host);
        return true;
    }

    private void BeginTurn(PooledAgent agent)
    {
        if (agent.State == PooledAgentState.Held)
            agent.MoveTo(PooledAgentState.Leased);
        agent.Turns++;
        agent.LastUsed = _time.GetTimestamp();
    }

    private void EndTurn(PooledAgent agent, bool reusable)
    {
        agent.Turns--;
        if (agent.State != PooledAgentState.Leased || agent.Turns > 0)
            return;
        if (agent.IsClosed || !reusable)
            End(agent, agent.IsClosed ? EndReason.Died : EndReason.NotSettled);
        else if (agent.Residents.Count == 0)
            Free(agent);
        else if ((agent.Replaced ?? agent.DueFor(_time)) is { } reason && agent.CanLoadSessions)
            EndReplaced(agent, reason);
        else
            agent.MoveTo(PooledAgentState.Held);
    }

    /// <summary>Makes an unused agent idle, unless it must end.</summary>
    private void Free(PooledAgent agent)
    {
        if (agent.IsClosed)
            End(agent, EndReason.Died);
        else if (agent.Replaced is { } reason)
            End(agent, reason);
        else if (agent.IsUsedUp || agent.Vitals is { IsSpoilt: true })
            EndReplaced(agent, EndReason.Uses);
        else
            MakeIdle(agent);
    }

    private void Reach(PoolHost host)
    {
        if (host.Failure is null)
            return;
        host.Reached();
        _decisions.Add(new Decision.ReleaseHost(host));
    }

    private void MakeIdle(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Idle);
        Idle.Push(agent);
    }

    /// <summary>
    /// Returns the waiters that fail with a failed start. Living agents of the key continue to serve. Without one: if the
    /// process ended or another host may serve them, its waiters stay until the breaker opens, because the next start may succeed. After a timeout only the
    /// first waiter fails. Other failures (missing program, model or sign-in) are permanent and fail all waiters.
    /// </summary>
    private IEnumerable<Waiter> Disappointed(PooledAgent agent, AgentException failure, StartBreaker breaker)
    {
        if (Agents.Serves(agent.Spec) || Hosts.IsHopeElsewhere(agent.Spec, agent.Host))
            return [];
        bool repeats = StartBreaker.WillRepeat(failure);
        IEnumerable<Waiter> waiters = Waiting.Of(agent.Spec).Where(waiter => repeats || !waiter.Rules.ForAgent);
        return failure.Kind switch
        {
            FailureKind.AgentStartFailed or FailureKind.AgentError when !breaker.IsOpen => [],
            FailureKind.AgentStartTimedOut => waiters.Take(1),
            _ => waiters,
        };
    }

    /// <summary>
    /// Ends idle agents down to the minimum, longest idle first. Resumable conversations are suspended. Agents of a directory
    /// that the standby has left do not count: others replace them where the work is now.
    /// </summary>
    private void EndIdleTooLong()
    {
        if (_options.IdleTimeout == TimeSpan.Zero)
            return;
        PooledAgent[] unused = [.. Idle.All().Concat(Agents.Suspendable).OrderBy(agent => agent.LastUsed)];
        foreach (PooledAgent agent in unused.TakeWhile(agent => _time.GetElapsedTime(agent.LastUsed) >= _options.IdleTimeout))
        {
            if (Agents.CountStaying(agent.Host) > _options.MinSize || IsLeftBehind(agent))
                End(agent, EndReason.Idle);
        }
    }

    private bool IsLeftBehind(PooledAgent agent) =>
        agent.State == PooledAgentState.Idle && !agent.Spec.Equals(DefaultSpec) && agent.Spec.With(workingDirectory: DefaultSpec.WorkingDirectory).Equals(DefaultSpec);
}
