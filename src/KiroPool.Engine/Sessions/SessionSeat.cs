using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Sessions;

/// <summary>The agent and session of a turn of a conversation.</summary>
internal readonly record struct SeatedTurn(PromptLoan Loan, TimeSpan SessionWait, bool Resumed, bool StartedAfresh);

/// <summary>
/// The place of a conversation: an agent and a session with it, or only the id for a resume. The queue of the session
/// admits one turn at a time.
/// </summary>
internal sealed class SessionSeat(AgentDispatcher dispatcher, string name, AgentSpec spec, TimeProvider time) : IResident
{
    // An agent that died while idle has seen nothing. Another one is tried.
    private const int MaxTries = 3;

    private readonly object _gate = new();
    private PooledAgent? _agent;
    private IAgentSession? _session;
    private string? _earlierId;
    private string? _hostName;
    private bool _canBeTakenUp;
    private bool _hasLeft;
    private bool _wasAnswered;
    private bool _isRestarted;

    public string Name { get; } = name;

    /// <summary>The id of the agent's latest session.</summary>
    public IAgentSession? Session
    {
        get
        {
            lock (_gate)
                return _session;
        }
    }

    /// <summary>The agent's id of the conversation; null until it has begun.</summary>
    public string? Id
    {
        get
        {
            lock (_gate)
                return _earlierId ?? _session?.Id;
        }
    }

    /// <summary>
    /// Sets a conversation of an earlier host process, which the next turn resumes. Without an id that is impossible. Returns
    /// false if a conversation has already started here.
    /// </summary>
    public bool TryResume(string? id, bool wasAnswered, string? hostName = null)
    {
        lock (_gate)
        {
            if (_session is not null || HasSpoken)
                return false;
            (_earlierId, _canBeTakenUp, HasSpoken, _wasAnswered, _hostName) = (id, id is not null, true, wasAnswered, hostName);
            return true;
        }
    }

    /// <summary>Whether a prompt may have been seen. Before that, no conversation can be lost.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>The reason why the last resume failed.</summary>
    public AgentException? Lost { get; private set; }

    /// <summary>Whether another process can resume it.</summary>
    public bool CanBeResumed
    {
        get
        {
            lock (_gate)
                return _canBeTakenUp;
        }
    }

    /// <summary>The process it lives on; null if it has none now.</summary>
    public int? ProcessId => IsSeated(out PooledAgent? agent) ? agent!.Life.ProcessId : null;

    /// <summary>New, Ready, Suspended or Lost.</summary>
    public string Describe() =>
        Lost is not null ? "Lost"
        : IsSeated(out _) ? "Ready"
        : !HasSpoken ? "New"
        : _canBeTakenUp ? "Suspended"
        : "Lost";

    /// <summary>Waits for the end of the previous turn, and for a cancelled one within its grace.</summary>
    public Task<bool> SettleAsync() => Session?.SettleAsync() ?? Task.FromResult(true);

    /// <summary>Marks that a prompt may have been seen. From now on there is a conversation.</summary>
    public void Speaks() => (HasSpoken, _isRestarted) = (true, false);

    /// <summary>Marks that a prompt was answered, so that a resumed conversation must not be empty.</summary>
    public void WasAnswered() => _wasAnswered = true;

    /// <summary>Starts a turn on the agent of the conversation, or on another one that resumes it.</summary>
    /// <param name="allowNew">Whether to start a new conversation if the old one is lost.</param>
    /// <param name="cancellationToken">Abandons the attempt. The conversation does not change.</param>
    /// <param name="rules">What it waits for while no agent can be started; the usual when null.</param>
    /// <exception cref="AgentException">SessionLost, SessionLocked, or the reason why there is no agent. Nothing was sent.</exception>
    public async ValueTask<SeatedTurn> TakeAsync(bool allowNew, CancellationToken cancellationToken, WaitRules? rules = null)
    {
        if (await TakeOwnAsync(cancellationToken).ConfigureAwait(false) is { } own)
            return own;

        bool resumes = HasSpoken;

        // A conversation that was restarted for an earlier prompt, which was then not sent, is still new to the user.
        bool startsAfresh = _isRestarted;
        for (int tries = 1; ; tries++)
        {
            if (resumes && !_canBeTakenUp)
            {
                Lost = new AgentException(FailureKind.SessionLost, "The agent of this conversation has ended, and it cannot resume conversations (it offers no session/load).");
                (resumes, startsAfresh) = allowNew ? (false, true) : throw Lost;
            }

            // A conversation is a file of its host, where alone it can be resumed.
            AgentSpec where = resumes && dispatcher.Options.Hosts.Count > 1 ? spec.With(hostName: _hostName) : spec;
            AgentLease lease = await dispatcher.RentAsync(where, this, isAccepted: true, cancellationToken, rules).ConfigureAwait(false);
            long askedAt = time.GetTimestamp();
            try
            {
                IAgentSession session = resumes
                    ? await dispatcher.Resumes.RunAsync(() => lease.Connection.LoadSessionAsync(Id!, _wasAnswered, cancellationToken)).ConfigureAwait(false)
                    : await lease.Connection.TakeSessionAsync(cancellationToken).ConfigureAwait(false);
                AgentLease turn = Settle(lease, session);
                HasSpoken &= !startsAfresh;
                _wasAnswered &= !startsAfresh;
                _isRestarted = startsAfresh;
                dispatcher.Log.WriteVerbose(resumes ? "resumed a conversation" : "started a conversation", turn.Connection.ProcessId);
                return new SeatedTurn(new PromptLoan(turn, session, keep: true), time.GetElapsedTime(askedAt), resumes, startsAfresh);
            }
            catch (AgentException e) when (tries < MaxTries && (e.Kind is FailureKind.AgentDied or FailureKind.HostLost || (!resumes && e.Kind is FailureKind.AgentStartFailed or FailureKind.AgentError)))
            {
                GiveBack(lease);
            }
            catch (Exception e)
            {
                GiveBack(lease);
                if (e is not AgentException { Kind: FailureKind.SessionLost or FailureKind.SessionLocked } lost || !resumes)
                    throw;
                Lost = lost;
                if (!allowNew)
                    throw;
                (resumes, startsAfresh) = (false, true);
            }
        }
    }

    /// <summary>Ends the conversation. Its agent serves others after a turn that may still run.</summary>
    public void Leave()
    {
        PooledAgent? agent;
        IAgentSession? session;
        lock (_gate)
        {
            _hasLeft = true;
            (agent, session) = (_agent, _session);
            _agent = null;
        }

        if (agent is null)
            return;
        if (dispatcher.IsServing(agent))
            session!.Close();
        dispatcher.MoveOut(agent, this);
    }

    private async ValueTask<SeatedTurn?> TakeOwnAsync(CancellationToken cancellationToken)
    {
        PooledAgent? agent;
        IAgentSession? session;
        lock (_gate)
            (agent, session) = (_agent, _session);
        if (agent is null)
            return null;

        // A cancelled earlier turn may still run, and a second one would be refused.
        bool settled = await SettleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (settled && dispatcher.TryBeginTurn(agent, this) is { } lease)
            return new SeatedTurn(new PromptLoan(lease, session!, keep: true), TimeSpan.Zero, Resumed: false, StartedAfresh: _isRestarted);

        // The old process may hold the conversation locked until its tree is gone.
        await agent.Life.Left.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
            _agent = null;
        return null;
    }

    private AgentLease Settle(AgentLease lease, IAgentSession session)
    {
        lock (_gate)
        {
            if (!_hasLeft)
            {
                (_agent, _session, _earlierId) = (lease.Agent, session, null);
                _hostName = lease.Agent.Host.Host.Name;
                _canBeTakenUp = lease.Connection.CanLoadSessions;
                Lost = null;
                return lease.IsTurn ? lease : lease.MoveIn(this);
            }
        }

        session.Close();
        throw Conversation.WasRemoved();
    }

    private void GiveBack(AgentLease lease)
    {
        dispatcher.MoveOut(lease.Agent, this);
        lease.Return();
    }

    private bool IsSeated(out PooledAgent? agent)
    {
        lock (_gate)
            agent = _agent;
        return agent is { IsClosed: false } && dispatcher.IsServing(agent);
    }
}
