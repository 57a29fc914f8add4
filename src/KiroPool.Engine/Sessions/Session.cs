using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Sessions;

namespace KiroPool;

/// <summary>
/// A conversation of several turns. One prompt at a time runs in it, first come first served. It lives on an agent of its
/// pool, rests there between turns, and is taken up again in another process when its own one ended or made room. A live
/// view: every property tells what is so now.
/// </summary>
public sealed class Session : IDisposable
{
    private readonly AgentPool _pool;
    private readonly TimeProvider _time;
    private readonly SessionHistory _history = new();
    private readonly CancellationTokenSource _removed = new();
    private readonly object _gate = new();
    private DateTimeOffset _lastUsed;
    private int _ended;

    internal Session(AgentPool pool, string name, AgentSpec spec, TimeProvider time)
    {
        PlainTextLimits.ThrowIfNoConversations(spec);
        (_pool, _time, Name, Spec) = (pool, time, name, spec);
        Seat = new SessionSeat(pool, spec, time);
        CreatedAt = _lastUsed = time.GetLocalNow();
    }

    /// <summary>The name scripts know it by; empty for a temporary one.</summary>
    public string Name { get; }

    /// <summary>The agent's id of the conversation; null until it has begun. It changes when a new conversation is begun.</summary>
    public string? SessionId => Seat.Id is { Length: > 0 } id ? id : null;

    /// <summary>
    /// New (not begun), Ready, Busy (a prompt runs or waits), Suspended (its process ended; the next prompt takes it up
    /// again), Lost (it could not be taken up again) or Removed.
    /// </summary>
    public string State => IsRemoved || _pool.WhenStopped.IsCompleted ? "Removed" : Line.IsTaken ? "Busy" : Seat.Describe();

    /// <summary>Prompts that had their turn in it, whatever came of them; one that gave up in the queue had none.</summary>
    public int Turns => _history.Totals.Turns;

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>When a prompt last began or ended in it.</summary>
    public DateTimeOffset LastUsed
    {
        get
        {
            lock (_gate)
                return _lastUsed;
        }
    }

    /// <summary>The process it lives on; null while it lives on none.</summary>
    public int? ProcessId => Seat.ProcessId;

    /// <summary>The agent (mode) in force, as far as the process tells; the one asked for until then.</summary>
    public string? Agent => Seat.Session?.Agent ?? Spec.Agent;

    /// <summary>The model in force, as far as the process tells; the one asked for until then.</summary>
    public string? Model => Seat.Session?.Model ?? Spec.Model;

    /// <summary>The directory it works in.</summary>
    public string WorkingDirectory => Spec.WorkingDirectory;

    /// <summary>What its prompts cost so far, in the agent's credits, if the agent says.</summary>
    public decimal? Credits => _history.Totals.Credits;

    /// <summary>How full its context is, 0 to 100, if the agent says.</summary>
    public double? ContextPercent => _history.Totals.ContextPercent;

    internal AgentSpec Spec { get; }

    internal TurnLine Line { get; } = new();

    internal SessionSeat Seat { get; }

    /// <summary>What was allowed always.</summary>
    internal Grants Grants { get; private set; } = new();

    internal bool IsRemoved => _removed.IsCancellationRequested;

    internal CancellationToken Removed => _removed.Token;

    /// <summary>The latest turns, oldest first: at most 100, and at most a million characters of text.</summary>
    public IReadOnlyList<SessionTurn> GetHistory() => _history.Turns;

    /// <summary>Whether it is a session of this pool.</summary>
    public bool BelongsTo(AgentPool pool) => ReferenceEquals(pool, _pool);

    /// <summary>Checks that the session is what is asked for; what is null is not asked for. All of it is fixed at birth.</summary>
    /// <exception cref="AgentException">SessionMismatch.</exception>
    public void EnsureMatches(string? agent = null, string? model = null, string? workingDirectory = null)
    {
        Check("agent", agent, Agent, StringComparison.OrdinalIgnoreCase);
        Check("model", model, Model, StringComparison.OrdinalIgnoreCase);
        Check("working directory", workingDirectory, WorkingDirectory, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    /// <summary>
    /// Has the next turn resume a conversation that an earlier process of the host has begun, by the agent's id of it. If that
    /// cannot be, the turn fails with SessionLost, as with any conversation that was lost.
    /// </summary>
    /// <param name="sessionId">The agent's id; null if it has none, so that the conversation is lost.</param>
    /// <param name="wasAnswered">Whether the agent has answered in it: then it must show earlier turns.</param>
    /// <exception cref="AgentException">SessionLost: another conversation has begun in this session already.</exception>
    public void ResumeFrom(string? sessionId, bool wasAnswered = true)
    {
        if (SessionId == sessionId && sessionId is not null)
            return;
        if (!Seat.TryResume(sessionId, wasAnswered))
        {
            throw new AgentException(
                FailureKind.SessionLost,
                $"The session '{Name}' has begun another conversation ({SessionId ?? "without an id"}) than {sessionId ?? "one without an id"}. Remove the session, then resume.")
            { Value = Name };
        }
    }

    /// <summary>Begins the conversation without a prompt, or takes it up again, so that the first prompt need not wait.</summary>
    /// <exception cref="AgentException">There is no agent to be had, or the conversation is lost.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        if (!_pool.TryAccept())
            throw AgentPool.Stopped();
        try
        {
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Removed, _pool.StopToken);
            await Line.EnterAsync(any.Token).ConfigureAwait(false);
            try
            {
                (await Seat.TakeAsync(allowNew: false, any.Token).ConfigureAwait(false)).Loan.Dispose();
            }
            finally
            {
                Line.Leave();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw IsRemoved ? WasRemoved(Name) : AgentPool.Stopped();
        }
        finally
        {
            _pool.Accomplished();
        }
    }

    /// <summary>Runs a prompt in it, when those before it have ended.</summary>
    /// <exception cref="PromptFailedException">It did not complete. The conversation goes on if it can.</exception>
    public Task<PromptResult> PromptAsync(PromptRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _pool.PromptAsync(request with { Session = this }, cancellationToken);
    }

    /// <summary>Removes it from its pool; see <see cref="SessionRegistry.Remove(Session)"/>.</summary>
    public void Dispose() => _pool.Sessions.Remove(this);

    /// <summary>The name and the state.</summary>
    public override string ToString() => Name.Length == 0 ? $"temporary session, {State.ToLowerInvariant()}" : $"{Name}, {State.ToLowerInvariant()}";

    /// <summary>Ends it; false when that was done already.</summary>
    internal bool End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return false;
        _removed.Cancel();
        Seat.Leave();
        return true;
    }

    internal void Touch()
    {
        lock (_gate)
            _lastUsed = _time.GetLocalNow();
    }

    /// <summary>A turn got its agent.</summary>
    internal void Seated(bool startedAfresh) => Grants = startedAfresh ? new Grants() : Grants;

    /// <summary>A turn has its outcome. Comes before the next one begins.</summary>
    internal void Record(PromptResult result, AgentException? failure)
    {
        Touch();
        if (result is { Outcome: nameof(PromptOutcome.Completed), Text.Length: > 0 })
            Seat.WasAnswered();
        _history.Add(result, failure, LastUsed - result.Duration);
    }

    internal static AgentException WasRemoved(string name = "") =>
        new(FailureKind.SessionRemoved, name.Length == 0 ? "The session was removed." : $"The session '{name}' was removed.") { Value = name };

    private void Check(string what, string? asked, string? actual, StringComparison comparison)
    {
        if (asked is null || asked.Equals(actual, comparison))
            return;
        throw new AgentException(
            FailureKind.SessionMismatch,
            $"The session '{Name}' has the {what} {(actual is null ? "of the agent program's own choice" : $"'{actual}'")}, and '{asked}' was asked for. It is fixed when a session is made: use another session, or remove this one first.")
        { Value = asked };
    }
}
