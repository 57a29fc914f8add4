namespace KiroPool.Engine.Sessions;

/// <summary>The latest turns of a session and what all of them cost. Bounded in number and in text.</summary>
internal sealed class SessionHistory
{
    public const int MostTurns = 100;
    public const int MostCharacters = 1024 * 1024;

    private readonly object _gate = new();
    private readonly Queue<SessionTurn> _turns = new();
    private int _characters;
    private int _count;
    private decimal? _credits;
    private double? _contextPercent;

    public (int Turns, decimal? Credits, double? ContextPercent) Totals
    {
        get
        {
            lock (_gate)
                return (_count, _credits, _contextPercent);
        }
    }

    public IReadOnlyList<SessionTurn> Turns
    {
        get
        {
            lock (_gate)
                return [.. _turns];
        }
    }

    public void Add(PromptResult result, AgentException? failure, DateTimeOffset queuedAt)
    {
        lock (_gate)
        {
            _count++;
            _credits = result.Credits is { } credits ? (_credits ?? 0) + credits : _credits;
            _contextPercent = result.ContextPercent ?? (result.StartedAfresh ? null : _contextPercent);
            _turns.Enqueue(new SessionTurn
            {
                Number = _count,
                Time = queuedAt,
                Prompt = result.Prompt,
                Text = result.Text,
                Outcome = result.Outcome,
                Duration = result.Duration,
                Failure = failure?.Message,
            });
            _characters += result.Prompt.Length + result.Text.Length;

            // The last one stays, however long it is: its text is in memory anyway.
            while (_turns.Count > MostTurns || (_characters > MostCharacters && _turns.Count > 1))
            {
                SessionTurn oldest = _turns.Dequeue();
                _characters -= oldest.Prompt.Length + oldest.Text.Length;
            }
        }
    }
}
