using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Sessions;

/// <summary>The inside of a session: its line of prompts, its seat on an agent, its history and what was allowed always.</summary>
internal sealed class Conversation
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _removed = new();
    private readonly object _gate = new();
    private DateTimeOffset _lastUsed;
    private int _ended;

    /// <exception cref="AgentException">NotSupported: the spec's protocol holds no conversations.</exception>
    public Conversation(AgentDispatcher dispatcher, string name, AgentSpec spec, TimeProvider time)
    {
        PlainTextLimits.ThrowIfNoConversations(spec);
        (_time, Name, Spec) = (time, name, spec);
        Seat = new SessionSeat(dispatcher, name, spec, time);
        CreatedAt = _lastUsed = time.GetLocalNow();
    }

    /// <summary>The name scripts know it by; empty for a temporary one.</summary>
    public string Name { get; }

    public AgentSpec Spec { get; }

    public TurnLine Line { get; } = new();

    public SessionSeat Seat { get; }

    public SessionHistory History { get; } = new();

    /// <summary>What was allowed always.</summary>
    public Grants Grants { get; private set; } = new();

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

    public bool IsRemoved => _removed.IsCancellationRequested;

    public CancellationToken Removed => _removed.Token;

    /// <summary>Ends it; false when it had ended already.</summary>
    public bool End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return false;
        _removed.Cancel();
        Seat.Leave();
        return true;
    }

    public void Touch()
    {
        lock (_gate)
            _lastUsed = _time.GetLocalNow();
    }

    /// <summary>A turn got its agent. A restarted conversation begins without grants.</summary>
    public void Seated(bool restarted) => Grants = restarted ? new Grants() : Grants;

    /// <summary>A turn has its outcome. Comes before the next one begins.</summary>
    /// <param name="turn">The turn; its number and time are set here.</param>
    /// <param name="credits">Its price, if the agent told.</param>
    /// <param name="contextPercent">How full the context is after it; null when the agent did not tell.</param>
    /// <param name="restarted">Whether it began a new conversation in place of a lost one.</param>
    public void Record(SessionTurn turn, decimal? credits, double? contextPercent, bool restarted)
    {
        Touch();
        if (turn is { Outcome: nameof(PromptOutcome.Completed), Text.Length: > 0 })
            Seat.WasAnswered();
        turn.Time = LastUsed - turn.Duration;
        History.Add(turn, credits, contextPercent, restarted);
    }

    public static AgentException WasRemoved(string name = "") =>
        new(FailureKind.SessionRemoved, name.Length == 0 ? "The session was removed." : $"The session '{name}' was removed.") { Value = name };
}
