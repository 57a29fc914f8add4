using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Sessions;

namespace KiroPool;

/// <summary>
/// A conversation of several turns. It runs one prompt at a time, first come, first served. It lives on an agent of its
/// pool, rests there between turns, and is resumed in another process when its own one has ended or made room. The
/// properties always show the present state.
/// </summary>
public sealed class Session : IDisposable
{
    private readonly AgentPool _pool;

    internal Session(AgentPool pool, Conversation conversation) => (_pool, Conversation) = (pool, conversation);

    /// <summary>The name; empty for a temporary session.</summary>
    public string Name => Conversation.Name;

    /// <summary>The agent's id of the conversation; null until it has started. It changes when a new conversation starts.</summary>
    public string? SessionId => Conversation.Seat.Id is { Length: > 0 } id ? id : null;

    /// <summary>
    /// New (not started), Ready, Busy (a prompt runs or waits), Suspended (its process ended; the next prompt resumes it),
    /// Lost (it could not be resumed) or Removed.
    /// </summary>
    public string State => Conversation.IsRemoved || _pool.WhenStopped.IsCompleted ? "Removed" : Conversation.Line.IsTaken ? "Busy" : Conversation.Seat.Describe();

    /// <summary>The number of prompts that had a turn, with any outcome. A prompt that was abandoned in the queue had none.</summary>
    public int Turns => Conversation.History.Totals.Turns;

    /// <summary>The time when it was created.</summary>
    public DateTimeOffset CreatedAt => Conversation.CreatedAt;

    /// <summary>The last time a prompt began or ended in it.</summary>
    public DateTimeOffset LastUsed => Conversation.LastUsed;

    /// <summary>The process it lives on; null if it has none now.</summary>
    public int? ProcessId => Conversation.Seat.ProcessId;

    /// <summary>The agent (mode) in force as the process reports it; the requested one until then.</summary>
    public string? Agent => Conversation.Seat.Session?.Agent ?? Conversation.Spec.Agent;

    /// <summary>The model in force as the process reports it; the requested one until then.</summary>
    public string? Model => Conversation.Seat.Session?.Model ?? Conversation.Spec.Model;

    /// <summary>The slash commands that the agent offers in it, without the slash; empty until it has told them.</summary>
    public IReadOnlyList<string> Commands => Conversation.Seat.Session?.Commands ?? [];

    /// <summary>The directory it works in.</summary>
    public string WorkingDirectory => Conversation.Spec.WorkingDirectory;

    /// <summary>The credits of its prompts, if the agent reports them.</summary>
    public decimal? Credits => Conversation.History.Totals.Credits;

    /// <summary>The used share of its context, 0 to 100, if the agent reports it.</summary>
    public double? ContextPercent => Conversation.Seat.Session?.ContextPercent ?? Conversation.History.Totals.ContextPercent;

    internal Conversation Conversation { get; }

    /// <summary>The latest turns, oldest first: at most 100, and at most a million characters of text.</summary>
    public IReadOnlyList<SessionTurn> GetHistory() => Conversation.History.Turns;

    /// <summary>Whether it is a session of this pool.</summary>
    public bool BelongsTo(AgentPool pool) => ReferenceEquals(pool, _pool);

    /// <summary>Checks that the session has the requested values; null means any. The values cannot change.</summary>
    /// <exception cref="AgentException">SessionMismatch.</exception>
    public void EnsureMatches(string? agent = null, string? model = null, string? workingDirectory = null)
    {
        Check("agent", agent, Agent, IsOneOf(agent, Agent, Conversation.Spec.Agent));
        Check("model", model, Model, IsOneOf(model, Model, Conversation.Spec.Model));
        Check("working directory", workingDirectory, WorkingDirectory, workingDirectory is null || PathKey.Of(workingDirectory) == PathKey.Of(WorkingDirectory));
    }

    /// <summary>
    /// Lets the next turn resume a conversation of an earlier host process by the agent's id. If that is impossible, the turn
    /// fails with SessionLost.
    /// </summary>
    /// <param name="sessionId">The agent's id; null without one, which means that the conversation is lost.</param>
    /// <param name="wasAnswered">Whether the agent has answered in it and must therefore replay earlier turns.</param>
    /// <param name="hostName">The host where it is stored; null if it is not known, or does not matter.</param>
    /// <exception cref="AgentException">SessionLost: another conversation has already started in this session, or the pool of several hosts has not that one.</exception>
    public void ResumeFrom(string? sessionId, bool wasAnswered = true, string? hostName = null)
    {
        // A living conversation without an id cannot be told from another one. It goes on.
        if (SessionId == sessionId && (sessionId is not null || Turns > 0))
            return;
        if (hostName is not null && _pool.Options.Hosts is { Count: > 1 } hosts && hosts.All(host => host.Name != hostName))
        {
            throw new AgentException(
                FailureKind.SessionLost,
                $"The conversation {sessionId} of the session '{Name}' is stored on the host '{hostName}', which the pool does not have. Start the pool with this host, too.")
            { Value = Name };
        }

        if (!Conversation.Seat.TryResume(sessionId, wasAnswered, hostName))
        {
            throw new AgentException(
                FailureKind.SessionLost,
                $"The session '{Name}' has begun another conversation ({SessionId ?? "without an id"}) than {sessionId ?? "one without an id"}. Remove the session, then resume.")
            { Value = Name };
        }
    }

    /// <summary>Whether the conversation survives its process: the agent can resume it in another one.</summary>
    public bool CanBeResumed() => Conversation.Seat.CanBeResumed;

    /// <summary>Starts or resumes the conversation without a prompt, so that the first prompt need not wait.</summary>
    /// <exception cref="AgentException">No agent is available, or the conversation is lost.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task OpenAsync(CancellationToken cancellationToken = default) => _pool.OpenAsync(Conversation, cancellationToken);

    /// <summary>Runs a prompt in it, after the earlier ones.</summary>
    /// <exception cref="PromptFailedException">The prompt did not complete. The conversation goes on if possible.</exception>
    public Task<PromptResult> PromptAsync(PromptRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _pool.PromptAsync(request, this, cancellationToken);
    }

    /// <summary>Removes it from its pool; see <see cref="SessionRegistry.Remove(Session)"/>.</summary>
    public void Dispose() => _pool.Sessions.Remove(this);

    /// <summary>The name and the state.</summary>
    public override string ToString() => Name.Length == 0 ? $"temporary session, {State.ToLowerInvariant()}" : $"{Name}, {State.ToLowerInvariant()}";

    /// <summary>A value fits if it is in force, or if the session was created with it: the agent may report another name, or have changed it.</summary>
    private static bool IsOneOf(string? asked, string? actual, string? created) =>
        asked is null || asked.Equals(actual, StringComparison.OrdinalIgnoreCase) || asked.Equals(created, StringComparison.OrdinalIgnoreCase);

    private void Check(string what, string? asked, string? actual, bool agrees)
    {
        if (agrees)
            return;
        throw new AgentException(
            FailureKind.SessionMismatch,
            $"The session '{Name}' has the {what} {(actual is null ? "that the agent program chose" : $"'{actual}'")}, but '{asked}' was requested. Omit -Agent, -Model and -WorkingDirectory, or create a new session with those values.")
        { Value = asked };
    }
}
