namespace KiroPool.Interactive;

/// <summary>
/// A terminal whose first keys are those typed during an answer. A line end that was typed and not pasted ends a line of
/// its own, so no further key seems to be there after it.
/// </summary>
/// <param name="terminal">The terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class TypeAhead(ITerminal terminal, TimeProvider time) : ITerminal
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

    /// <summary>When the user last typed during an answer; null if not yet.</summary>
    public long? TypedAt { get; private set; }

    /// <summary>Keeps what was typed since the last call. Returns whether a cancel was among it.</summary>
    public bool TakeCancel(Func<ConsoleKeyInfo, bool> isCancel)
    {
        bool cancel = false;
        while (TryReadPresent(out ConsoleKeyInfo key, out bool isPasted))
        {
            if (!isPasted && isCancel(key))
                cancel = true;
            else
                Keep(key, isPasted);
        }

        return cancel;
    }

    /// <summary>Reads a key that is typed now, past those that are kept.</summary>
    public bool TryReadPresent(out ConsoleKeyInfo key, out bool isPasted)
    {
        bool hasKey = terminal.HasKey;
        key = hasKey ? terminal.ReadKey() : default;
        isPasted = hasKey && terminal.IsPasting;
        return hasKey;
    }

    /// <summary>Keeps a key for the next line.</summary>
    public void Keep(ConsoleKeyInfo key, bool isPasted)
    {
        _typed.Enqueue((key, isPasted));
        TypedAt = time.GetTimestamp();
    }

    public void Write(string text) => terminal.Write(text);

    public int Cells(string text) => terminal.Cells(text);
}
