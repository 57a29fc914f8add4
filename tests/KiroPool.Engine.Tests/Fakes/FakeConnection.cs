using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>An agent without a process. The test decides when it starts, dies, settles and ends.</summary>
internal sealed class FakeConnection(FakeConnector connector, AgentSpec spec, AgentHost host, int number) : IAgentConnection
{
    // Continuations run inline: when Die returns, the pool has noticed.
    private readonly TaskCompletionSource _closed = new();
    private readonly object _lock = new();
    private TaskCompletionSource<bool>? _settling;
    private AgentException? _nextSessionFailure;
    private bool _diesWithSession;
    private FakeTurn _nextTurn;
    private bool _diedUnnoticed;
    private int _hasStarted;
    private int _hasStopped;
    private int _forcedStops;
    private int _sessionCount;
    private int _openSessions;
    private int _promptCount;

    public FakeConnector Connector { get; } = connector;

    public AgentSpec Spec { get; } = spec;

    public AgentHost Host { get; } = host;

    /// <summary>From 1, in the order the pool decided to start them.</summary>
    public int Number { get; } = number;

    public int? ProcessId { get; private set; }

    public Task Closed => _diedUnnoticed ? Task.CompletedTask : _closed.Task;

    public bool IsSessionReady { get; set; } = true;

    public bool CanLoadSessions { get; set; } = true;

    public bool HoldsConversations { get; set; }

    /// <summary>0 for an agent that answers one prompt and remembers nothing.</summary>
    public int MostConversations { get; set; } = int.MaxValue;

    public bool HasStarted => Volatile.Read(ref _hasStarted) != 0;

    public bool HasStopped => Volatile.Read(ref _hasStopped) != 0;

    /// <summary>Whether a stop without grace was requested.</summary>
    public bool WasForced => Volatile.Read(ref _forcedStops) != 0;

    /// <summary>Whether it dies when it has made a copy of a conversation.</summary>
    public bool DiesWithFork { get; set; }

    /// <summary>The result of <see cref="SettleAsync"/> while the agent lives.</summary>
    public bool Settles { get; set; } = true;

    /// <summary>The number of prompts it received.</summary>
    public int PromptCount => Volatile.Read(ref _promptCount);

    public int OpenSessions => Volatile.Read(ref _openSessions);

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        Connector.CountAlive(+1);
        Volatile.Write(ref _hasStarted, 1);
        Connector.CountStarting(+1);
        try
        {
            await Connector.Starts.PassAsync(this, cancellationToken);
            AgentException? failure = Connector.NextStartFailure(Spec, Host);
            if (failure?.Kind is not (FailureKind.ExecutableNotFound or FailureKind.ExecutableNotRunnable or FailureKind.WorkingDirectoryNotFound))
                ProcessId = 1000 + Number;
            if (failure is not null)
                throw failure;
        }
        finally
        {
            Connector.CountStarting(-1);
        }
    }

    public async ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
    {
        await Connector.Sessions.PassAsync(this, cancellationToken);
        AgentException? failure;
        lock (_lock)
            (failure, _nextSessionFailure) = (_nextSessionFailure, null);
        if (failure is not null && _diesWithSession)
            Die();
        if (failure is not null)
            throw failure;
        Interlocked.Increment(ref _openSessions);
        Connector.OnSession?.Invoke();
        return new FakeSession(this, $"session-{Number}-{Interlocked.Increment(ref _sessionCount)}");
    }

    public Task<IAgentSession> ForkSessionAsync(string id, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _openSessions);
        if (DiesWithFork)
            Die();
        return Task.FromResult<IAgentSession>(new FakeSession(this, $"{id}-fork-{Interlocked.Increment(ref _sessionCount)}"));
    }

    public async Task<IAgentSession> LoadSessionAsync(string id, bool hasHistory, CancellationToken cancellationToken)
    {
        Connector.LoadsWithHistory.Enqueue(hasHistory);
        try
        {
            await Connector.Loads.PassAsync(this, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Die();
            throw;
        }

        if (Connector.NextLoadFailure is { } failure)
        {
            Connector.NextLoadFailure = null;
            Die();
            throw failure;
        }

        Connector.Load(id, this);
        Interlocked.Increment(ref _openSessions);
        return new FakeSession(this, id);
    }

    public Task<bool> SettleAsync()
    {
        lock (_lock)
            return Closed.IsCompleted ? Task.FromResult(false) : _settling?.Task ?? Task.FromResult(Settles);
    }

    public async Task StopAsync(bool force)
    {
        if (force)
            Interlocked.Increment(ref _forcedStops);
        _closed.TrySetResult();
        await Connector.Stops.PassAsync(this);
        if (HasStarted && Interlocked.Exchange(ref _hasStopped, 1) == 0)
            Connector.CountAlive(-1);
    }

    public long? ReadMemoryBytes() => HasStopped ? null : 1_000_000 + Number;

    /// <summary>Dies, and notifies all observers before it returns.</summary>
    public void Die() => _closed.TrySetResult();

    /// <summary>Dies without having notified its observers yet.</summary>
    public void DieUnnoticed() => _diedUnnoticed = true;

    /// <summary>Fails the next request for a session; with <paramref name="dies"/> the agent dies too.</summary>
    public void FailNextSession(FailureKind kind, bool dies = false)
    {
        lock (_lock)
            (_nextSessionFailure, _diesWithSession) = (new AgentException(kind, $"No session could be made ({kind})."), dies);
    }

    public void ScriptNextTurn(FakeTurn turn) => _nextTurn = turn;

    /// <summary>Holds the settling of a returned agent.</summary>
    public void HoldSettling() => _settling = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

    public void FinishSettling(bool reusable)
    {
        TaskCompletionSource<bool> settling = _settling!;
        _settling = null;
        settling.SetResult(reusable);
    }

    public override string ToString() => $"agent {Number} ({Spec.Agent})";

    internal FakeTurn TakeNextTurn()
    {
        FakeTurn turn = _nextTurn;
        _nextTurn = FakeTurn.Completes;
        return turn;
    }

    internal void PromptSeen(string prompt)
    {
        Interlocked.Increment(ref _promptCount);
        Connector.PromptsSeen.Enqueue(prompt);
    }

    internal void SessionClosed() => Interlocked.Decrement(ref _openSessions);
}
