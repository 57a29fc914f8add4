using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Sessions;

/// <summary>The inside of a session: its queue of prompts, its seat on an agent, its history and its "always" permissions.</summary>
internal sealed class Conversation
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _removed = new();
    private readonly object _gate = new();
    private DateTimeOffset _lastUsed;
    private int _ended;

    /// <exception cref="AgentException">NotSupported: the protocol of the spec has no conversations.</exception>
    public Conversation(AgentDispatcher dispatcher, string name, AgentSpec spec, TimeProvider time)
    {
        PlainTextLimits.ThrowIfNoConversations(spec);
        (_time, Name, Spec) = (time, name, spec);
        Seat = new SessionSeat(dispatcher, name, spec, time);
        CreatedAt = _lastUsed = time.GetLocalNow();
    }

    /// <summary>The name; empty for a temporary conversation.</summary>
    public string Name { get; }

    public AgentSpec Spec { get; }

    public TurnLine Line { get; } = new();

    public SessionSeat Seat { get; }

    public SessionHistory History { get; } = new();

    /// <summary>The "always" permissions.</summary>
    public Grants Grants { get; private set; } = new();

    public DateTimeOffset CreatedAt { get; }

    /// <summary>The last time a prompt began or ended in it.</summary>
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

    /// <summary>Ends the conversation. Returns false if it had already ended.</summary>
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

    /// <summary>Records the agent of a turn. A restarted conversation has no "always" permissions.</summary>
    public void Seated(bool restarted) => Grants = restarted ? new Grants() : Grants;

    /// <summary>Records the outcome of a turn, before the next one starts.</summary>
    /// <param name="turn">The turn; its number and time are set here.</param>
    /// <param name="credits">Its cost, if the agent reported it.</param>
    /// <param name="contextPercent">The used share of the context after it; null if the agent did not report it.</param>
    /// <param name="restarted">Whether it started a new conversation instead of a lost one.</param>
    public void Record(SessionTurn turn, decimal? credits, double? contextPercent, bool restarted)
    {
        Touch();
        if (turn.IsAnswered)
            Seat.WasAnswered();
        turn.Time = LastUsed - turn.Duration;
        History.Add(turn, credits, contextPercent, restarted);
    }

    public static AgentException WasRemoved(string name = "") =>
        new(FailureKind.SessionRemoved, name.Length == 0 ? "The session was removed." : $"The session '{name}' was removed.") { Value = name };
}
