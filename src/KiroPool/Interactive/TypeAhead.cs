namespace KiroPool.Interactive;

/// <summary>
/// A terminal whose first keys are those typed during an answer. A line end that was typed and not pasted ends a line of
/// its own, so no further key seems to be there after it.
/// </summary>
internal sealed class TypeAhead(ITerminal terminal) : ITerminal
{
    private readonly Queue<(ConsoleKeyInfo Key, bool IsPasted)> _typed = new();
    private bool _isPasting;
    private bool _lineEnded;

    public int Width => terminal.Width;

    public int Height => terminal.Height;

    public bool HasKey
    {
        get
        {
            if (_lineEnded)
                return _lineEnded = false;
            return _typed.Count > 0 || terminal.HasKey;
        }
    }

    public bool IsPasting => _isPasting;

    public ConsoleKeyInfo ReadKey()
    {
        if (!_typed.TryDequeue(out (ConsoleKeyInfo Key, bool IsPasted) next))
        {
            ConsoleKeyInfo key = terminal.ReadKey();
            _isPasting = terminal.IsPasting;
            return key;
        }

        _isPasting = next.IsPasted;
        _lineEnded = next is { Key.Key: ConsoleKey.Enter, IsPasted: false };
        return next.Key;
    }

    /// <summary>Keeps what was typed since the last call. Returns whether a cancel was among it.</summary>
    public bool TakeCancel(Func<ConsoleKeyInfo, bool> isCancel)
    {
        bool cancel = false;
        while (terminal.HasKey)
        {
            ConsoleKeyInfo key = terminal.ReadKey();
            if (!terminal.IsPasting && isCancel(key))
                cancel = true;
            else
                _typed.Enqueue((key, terminal.IsPasting));
        }

        return cancel;
    }

    /// <summary>Drops what was typed and not read yet.</summary>
    public void Forget() => _typed.Clear();

    public void Write(string text) => terminal.Write(text);

    public int Cells(string text) => terminal.Cells(text);
}
