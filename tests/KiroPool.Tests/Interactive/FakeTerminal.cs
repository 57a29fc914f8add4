using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

/// <summary>A small terminal with prepared input that knows the control sequences of the editor.</summary>
internal sealed class FakeTerminal(int width = 40, int height = 10) : ITerminal
{
    private readonly Queue<ConsoleKeyInfo?> _keys = new();
    private readonly List<List<string>> _rows = [[]];
    private int _row;
    private int _column;

    public int Width => width;

    public int Height => height;

    /// <summary>A pause in the typing appears as one check without a key.</summary>
    public bool HasKey
    {
        get
        {
            if (_keys.TryPeek(out ConsoleKeyInfo? next) && next is null)
            {
                _keys.Dequeue();
                return false;
            }

            return _keys.Count > 0;
        }
    }

    /// <summary>The rows that are not empty.</summary>
    public string[] Screen => [.. _rows.Select(row => string.Concat(row).TrimEnd()).Reverse().SkipWhile(row => row.Length == 0).Reverse()];

    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>Types text at once, as a paste does.</summary>
    public FakeTerminal Paste(string text)
    {
        foreach (char c in text)
            _keys.Enqueue(c == '\n' ? new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false) : new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));
        return Pause();
    }

    /// <summary>Types text key by key.</summary>
    public FakeTerminal Type(string text)
    {
        foreach (char c in text)
            Paste(c.ToString());
        return this;
    }

    public FakeTerminal Press(ConsoleKey key, ConsoleModifiers modifiers = 0)
    {
        _keys.Enqueue(new ConsoleKeyInfo('\0', key, modifiers.HasFlag(ConsoleModifiers.Shift), modifiers.HasFlag(ConsoleModifiers.Alt), modifiers.HasFlag(ConsoleModifiers.Control)));
        return Pause();
    }

    /// <summary>Presses a key and sends text with it at once, as a terminal does with its marks.</summary>
    public FakeTerminal Press(ConsoleKey key, string text)
    {
        _keys.Enqueue(new ConsoleKeyInfo('\u001b', key, false, false, false));
        foreach (char c in text)
            _keys.Enqueue(new ConsoleKeyInfo(c == '\n' ? '\r' : c, c switch { '\n' => ConsoleKey.Enter, '\t' => ConsoleKey.Tab, '\u001b' => ConsoleKey.Escape, _ => ConsoleKey.None }, false, false, false));
        return Pause();
    }

    /// <summary>Presses AltGr and a key, as Windows reports it; '\0' if the layout has no character there.</summary>
    public FakeTerminal AltGr(ConsoleKey key, char typed = '\0', bool shift = false)
    {
        _keys.Enqueue(new ConsoleKeyInfo(typed, key, shift, alt: true, control: true));
        return Pause();
    }

    public FakeTerminal Ctrl(char letter) => Press(Enum.Parse<ConsoleKey>(letter.ToString()), ConsoleModifiers.Control);

    public FakeTerminal Enter() => Press(ConsoleKey.Enter);

    public ConsoleKeyInfo ReadKey() => _keys.Dequeue()!.Value;

    public int Cells(string text)
    {
        int cells = 0;
        for (int at = 0; at < text.Length; at += System.Globalization.StringInfo.GetNextTextElementLength(text, at))
            cells += text[at] >= 0x2E80 && !char.IsSurrogate(text[at]) ? 2 : 1;
        return cells;
    }

    public void Write(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == '\u001b')
                at = Obey(text, at + 2);
            else if (text[at] == '\r')
                (_column, at) = (0, at + 1);
            else if (text[at] == '\n')
                (_row, at) = (_row + 1, at + 1);
            else
                at = Put(text, at);
            while (_rows.Count <= _row)
                _rows.Add([]);
        }
    }

    private FakeTerminal Pause()
    {
        _keys.Enqueue(null);
        return this;
    }

    private int Put(string text, int at)
    {
        int length = System.Globalization.StringInfo.GetNextTextElementLength(text, at);
        string element = text.Substring(at, length);
        Assert.True(_column + Cells(element) <= width, "Something was written beyond the right edge.");
        List<string> row = _rows[_row];
        while (row.Count < _column + Cells(element))
            row.Add(" ");
        row[_column] = element;
        if (Cells(element) == 2)
            row[_column + 1] = "";
        _column += Cells(element);
        return at + length;
    }

    private int Obey(string text, int at)
    {
        int end = at;
        while (!char.IsLetter(text[end]))
            end++;
        int number = int.TryParse(text.AsSpan(at, end - at), out int parsed) ? parsed : 1;
        switch (text[end])
        {
            case 'A':
                _row -= number;
                Assert.True(_row >= 0, "The cursor went above the screen.");
                break;
            case 'C':
                _column += number;
                break;
            case 'J':
                _rows[_row].RemoveRange(Math.Min(_column, _rows[_row].Count), Math.Max(_rows[_row].Count - _column, 0));
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
        }

        return end + 1;
    }
}
