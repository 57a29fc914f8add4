namespace KiroPool.Interactive;

/// <summary>
/// A terminal that marks pastes (bracketed paste, mode 2004). The marks arrive as keys: Escape and [200~ or [201~. Other
/// keys pass as they are.
/// </summary>
internal sealed class PasteTerminal(ITerminal terminal) : ITerminal
{
    /// <summary>Turns the marks on; the terminal ignores it if it knows none.</summary>
    public const string On = "\u001b[?2004h";

    public const string Off = "\u001b[?2004l";

    private const string Start = "[200~";
    private const string End = "[201~";

    private readonly Queue<ConsoleKeyInfo> _ahead = new();
    private bool _isPasting;

    public int Width => terminal.Width;

    public int Height => terminal.Height;

    public bool HasKey
    {
        get
        {
            SkipMarks();
            return _ahead.Count > 0;
        }
    }

    public bool IsPasting => _isPasting;

    public ConsoleKeyInfo ReadKey()
    {
        while (!HasKey)
            _ahead.Enqueue(terminal.ReadKey());
        return _ahead.Dequeue();
    }

    public void Write(string text) => terminal.Write(text);

    public int Cells(string text) => terminal.Cells(text);

    /// <summary>Fetches the next key, if there is one, and takes marks out.</summary>
    private void SkipMarks()
    {
        while (_ahead.Count == 0 && terminal.HasKey)
        {
            ConsoleKeyInfo key = terminal.ReadKey();
            if (key.Key == ConsoleKey.Escape && key.Modifiers == 0)
                ReadMark(key);
            else
                _ahead.Enqueue(key);
        }
    }

    private void ReadMark(ConsoleKeyInfo escape)
    {
        var keys = new List<ConsoleKeyInfo> { escape };
        string read = "";
        while (read.Length < Start.Length && (Start.StartsWith(read, StringComparison.Ordinal) || End.StartsWith(read, StringComparison.Ordinal)) && terminal.HasKey)
        {
            ConsoleKeyInfo key = terminal.ReadKey();
            keys.Add(key);
            read += key.KeyChar;
        }

        if (read == Start)
            _isPasting = true;
        else if (read == End)
            _isPasting = false;
        else
            keys.ForEach(_ahead.Enqueue);
    }
}
