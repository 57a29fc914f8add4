namespace KiroPool.Interactive;

/// <summary>Earlier lines for the arrow keys. They last as long as the process and are never in a file.</summary>
internal sealed class InputHistory
{
    private const int Most = 500;
    private readonly List<string> _entries = [];
    private int _at;
    private string _draft = "";

    public void Add(string text)
    {
        if (_entries.Count == 0 || _entries[^1] != text)
            _entries.Add(text);
        if (_entries.Count > Most)
            _entries.RemoveAt(0);
        Rewind();
    }

    /// <summary>Moves to the end.</summary>
    public void Rewind() => (_at, _draft) = (_entries.Count, "");

    /// <summary>The previous entry; null at the oldest.</summary>
    /// <param name="present">The present line, to return to later.</param>
    public string? Older(string present)
    {
        if (_at == 0)
            return null;
        if (_at == _entries.Count)
            _draft = present;
        return _entries[--_at];
    }

    /// <summary>The next entry, at the end the saved line; null after it.</summary>
    public string? Newer()
    {
        if (_at >= _entries.Count)
            return null;
        return ++_at == _entries.Count ? _draft : _entries[_at];
    }
}
