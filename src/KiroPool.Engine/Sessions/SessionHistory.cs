namespace KiroPool.Engine.Sessions;

/// <summary>The latest turns of a session, bounded in number and text, and the cost of all turns.</summary>
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

    /// <summary>Adds a turn and numbers it.</summary>
    public void Add(SessionTurn turn, decimal? credits, double? contextPercent, bool restarted)
    {
        lock (_gate)
        {
            turn.Number = ++_count;
            _credits = credits is { } more ? (_credits ?? 0) + more : _credits;
            _contextPercent = contextPercent ?? (restarted ? null : _contextPercent);
            _turns.Enqueue(turn);
            _characters += turn.Prompt.Length + turn.Text.Length;

            // The last turn stays, however long it is, because its text is in memory anyway.
            while (_turns.Count > MostTurns || (_characters > MostCharacters && _turns.Count > 1))
            {
                SessionTurn oldest = _turns.Dequeue();
                _characters -= oldest.Prompt.Length + oldest.Text.Length;
            }
        }
    }
}
