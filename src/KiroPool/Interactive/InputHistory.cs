namespace KiroPool.Interactive;

/// <summary>What was said before, for the arrow keys. Lives as long as the process; never in a file.</summary>
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

    /// <summary>Begins at the end again.</summary>
    public void Rewind() => (_at, _draft) = (_entries.Count, "");

    /// <summary>The entry before; null at the oldest.</summary>
    /// <param name="present">What stands in the line, to come back to.</param>
    public string? Older(string present)
    {
        if (_at == 0)
            return null;
        if (_at == _entries.Count)
            _draft = present;
        return _entries[--_at];
    }

    /// <summary>The entry after, at last what stood in the line; null there.</summary>
    public string? Newer()
    {
        if (_at >= _entries.Count)
            return null;
        return ++_at == _entries.Count ? _draft : _entries[_at];
    }
}
