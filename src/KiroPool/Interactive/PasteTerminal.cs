using System.Diagnostics;

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

    // Escape outside a paste is also a key of its own, so the rest of a mark is waited for only so long.
    private static readonly TimeSpan RestOfMark = TimeSpan.FromMilliseconds(50);

    private readonly Queue<ConsoleKeyInfo> _ahead = new();
    private readonly List<ConsoleKeyInfo> _mark = [];
    private bool _isPasting;

    public int Width => terminal.Width;

    public int Height => terminal.Height;

    public bool HasKey
    {
        get
        {
            while (_ahead.Count == 0 && terminal.HasKey)
                Take(terminal.ReadKey());
            if (_ahead.Count == 0 && _mark.Count > 0 && !_isPasting)
                WaitForRest();
            return _ahead.Count > 0;
        }
    }

    public bool IsPasting => _isPasting;

    public ConsoleKeyInfo ReadKey()
    {
        while (!HasKey)
            Take(terminal.ReadKey());
        return _ahead.Dequeue();
    }

    public void Write(string text) => terminal.Write(text);

    public int Cells(string text) => terminal.Cells(text);

    /// <summary>Passes a key on, unless it belongs to a mark. A mark may come in several pieces.</summary>
    private void Take(ConsoleKeyInfo key)
    {
        bool isEscape = key.Key == ConsoleKey.Escape && key.Modifiers == 0;
        if (isEscape)
            PassMark();
        if (!isEscape && _mark.Count == 0)
        {
            _ahead.Enqueue(key);
            return;
        }

        _mark.Add(key);
        string read = string.Concat(_mark.Skip(1).Select(one => one.KeyChar));
        if (read is Start or End)
        {
            _isPasting = read == Start;
            _mark.Clear();
        }
        else if (!Start.StartsWith(read, StringComparison.Ordinal) && !End.StartsWith(read, StringComparison.Ordinal))
        {
            PassMark();
        }
    }

    /// <summary>What began like a mark and is none are keys.</summary>
    private void PassMark()
    {
        _mark.ForEach(_ahead.Enqueue);
        _mark.Clear();
    }

    private void WaitForRest()
    {
        long since = Stopwatch.GetTimestamp();
        while (_mark.Count > 0 && _ahead.Count == 0)
        {
            if (terminal.HasKey)
                Take(terminal.ReadKey());
            else if (Stopwatch.GetElapsedTime(since) >= RestOfMark)
                PassMark();
            else
                Thread.Sleep(1);
        }
    }
}
