using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Sessions;

/// <summary>What a turn of a conversation got to run on, and how.</summary>
internal readonly record struct SeatedTurn(PromptLoan Loan, TimeSpan SessionWait, bool Resumed, bool StartedAfresh);

/// <summary>
/// Where a conversation lives: an agent and a session with it, or only the id by which it can be taken up again. One turn
/// at a time takes the seat; the session's line sees to that.
/// </summary>
internal sealed class SessionSeat(AgentPool pool, AgentSpec spec, TimeProvider time)
{
    // An agent that died while it was idle has seen nothing; another one is tried.
    private const int MaxTries = 3;

    private readonly object _gate = new();
    private PooledAgent? _agent;
    private IAgentSession? _session;
    private string? _earlierId;
    private bool _canBeTakenUp;
    private bool _hasLeft;
    private bool _wasAnswered;

    /// <summary>The agent's session, the latest one it had.</summary>
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
    /// The conversation began in an earlier process of the host: the next turn resumes it. Without an id that cannot be.
    /// False when a conversation has begun here already.
    /// </summary>
    public bool TryResume(string? id, bool wasAnswered)
    {
        lock (_gate)
        {
            if (_session is not null || HasSpoken)
                return false;
            (_earlierId, _canBeTakenUp, HasSpoken, _wasAnswered) = (id, id is not null, true, wasAnswered);
            return true;
        }
    }

    /// <summary>Whether a prompt may have been seen: before that there is nothing that could be lost.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>Why the conversation could not be taken up when that was tried last.</summary>
    public AgentException? Lost { get; private set; }

    /// <summary>The process it lives on; null while it lives on none.</summary>
    public int? ProcessId => IsSeated(out PooledAgent? agent) ? agent!.Connection.ProcessId : null;

    /// <summary>New, Ready, Suspended or Lost.</summary>
    public string Describe() =>
        Lost is not null ? "Lost"
        : IsSeated(out _) ? "Ready"
        : !HasSpoken ? "New"
        : _canBeTakenUp ? "Suspended"
        : "Lost";

    /// <summary>Waits for the end of the turn before, a cancelled one for its grace.</summary>
    public Task<bool> SettleAsync() => Session?.SettleAsync() ?? Task.FromResult(true);

    /// <summary>A prompt may have been seen: from here on there is a conversation.</summary>
    public void Speaks() => HasSpoken = true;

    /// <summary>A prompt was answered: when the conversation is taken up again, it cannot be empty.</summary>
    public void WasAnswered() => _wasAnswered = true;

    /// <summary>Begins a turn: on the agent the conversation lives on, or on another one that takes it up again.</summary>
    /// <param name="allowNew">Begin a new conversation where the old one is lost.</param>
    /// <param name="cancellationToken">Gives up; the conversation stays as it is.</param>
    /// <exception cref="AgentException">SessionLost, SessionLocked, or why there is no agent. Nothing was sent.</exception>
    public async ValueTask<SeatedTurn> TakeAsync(bool allowNew, CancellationToken cancellationToken)
    {
        if (await TakeOwnAsync(cancellationToken).ConfigureAwait(false) is { } own)
            return own;

        bool resumes = HasSpoken;
        bool startsAfresh = false;
        for (int tries = 1; ; tries++)
        {
            if (resumes && !_canBeTakenUp)
            {
                Lost = new AgentException(FailureKind.SessionLost, "The agent of this conversation has ended, and it cannot take up earlier conversations (it offers no session/load).");
                (resumes, startsAfresh) = allowNew ? (false, true) : throw Lost;
            }

            AgentLease lease = await pool.RentForAcceptedAsync(spec, this, cancellationToken).ConfigureAwait(false);
            long askedAt = time.GetTimestamp();
            try
            {
                IAgentSession session = resumes
                    ? await lease.Connection.LoadSessionAsync(Id!, _wasAnswered, cancellationToken).ConfigureAwait(false)
                    : await lease.Connection.TakeSessionAsync(cancellationToken).ConfigureAwait(false);
                AgentLease turn = Settle(lease, session);
                HasSpoken &= !startsAfresh;
                _wasAnswered &= !startsAfresh;
                pool.Log.WriteVerbose(resumes ? "took up a conversation" : "holds a conversation", turn.Connection.ProcessId);
                return new SeatedTurn(new PromptLoan(turn, session, keep: true), time.GetElapsedTime(askedAt), resumes, startsAfresh);
            }
            catch (AgentException e) when (tries < MaxTries && (e.Kind == FailureKind.AgentDied || (!resumes && e.Kind is FailureKind.AgentStartFailed or FailureKind.AgentError)))
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

    /// <summary>The conversation is over. Its agent serves others when a turn that may still run has ended.</summary>
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
        if (pool.StateOf(agent) is PooledAgentState.Held or PooledAgentState.Leased)
            session!.Close();
        pool.MoveOut(agent, this);
    }

    private async ValueTask<SeatedTurn?> TakeOwnAsync(CancellationToken cancellationToken)
    {
        PooledAgent? agent;
        IAgentSession? session;
        lock (_gate)
            (agent, session) = (_agent, _session);
        if (agent is null)
            return null;

        // A cancelled turn before this one may not have ended yet; a second one would be refused.
        bool settled = await SettleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (settled && pool.TryBeginTurn(agent, this) is { } lease)
            return new SeatedTurn(new PromptLoan(lease, session!, keep: true), TimeSpan.Zero, Resumed: false, StartedAfresh: false);

        // Until nothing of it is left it may hold the conversation, and nobody else can have it.
        await agent.Left.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
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
                _canBeTakenUp = lease.Connection.CanLoadSessions;
                Lost = null;
                return lease.IsTurn ? lease : lease.MoveIn(this);
            }
        }

        session.Close();
        throw KiroPool.Session.WasRemoved();
    }

    private void GiveBack(AgentLease lease)
    {
        pool.MoveOut(lease.Agent, this);
        lease.Return();
    }

    private bool IsSeated(out PooledAgent? agent)
    {
        lock (_gate)
            agent = _agent;
        return agent is not null && pool.StateOf(agent) is PooledAgentState.Held or PooledAgentState.Leased && !agent.Connection.Closed.IsCompleted;
    }
}
