using System.Management.Automation.Host;

namespace KiroPool.Interactive;

/// <summary>
/// The console of the console host. During a conversation Ctrl+C is read as an ordinary key, because otherwise it would
/// stop the pipeline. The setting is always restored.
/// </summary>
internal sealed class TerminalConsole : IConversationConsole
{
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

    // Shared by all conversations of this process.
    private static readonly InputHistory History = new();

    private readonly PSHostUserInterface _ui;
    private readonly WindowsScreen? _windows;
    private readonly TypeAhead _terminal;
    private readonly bool _hasColours;
    private readonly bool _ctrlCWasInput;
    private readonly Queue<ConsoleKeyInfo> _typedAhead = new();
    private readonly LineEditor _editor;
    private bool _isWaitingShown;

    private TerminalConsole(PSHostUserInterface ui, WindowsScreen? windows, bool hasColours, Func<bool> isOver)
    {
        _ui = ui;
        _windows = windows;
        _hasColours = hasColours;
        _terminal = new TypeAhead(new SystemTerminal(ui.RawUI, windows), _typedAhead);
        _editor = new LineEditor(_terminal, History, hasColours, isOver);
        _ctrlCWasInput = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
    }

    /// <summary>Opens the console; null if it does not obey escape sequences, which the line editor needs.</summary>
    public static TerminalConsole? TryOpen(PSHostUserInterface ui, bool hasColours, Func<bool> isOver)
    {
        if (!OperatingSystem.IsWindows())
            return new TerminalConsole(ui, windows: null, hasColours, isOver);
        var windows = new WindowsScreen();
        return windows.TryObeyEscapes() ? new TerminalConsole(ui, windows, hasColours, isOver) : null;
    }

    public int Width => _terminal.Width;

    public bool HasColours => _hasColours;

    public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete)
    {
        HideWaiting();
        return _editor.Read(prompt, complete);
    }

    public void Write(string text, TextLook look = TextLook.Plain)
    {
        HideWaiting();
        string start = look switch { TextLook.Dim => "\u001b[2m", TextLook.Bright => "\u001b[1m", _ => "" };
        _ui.Write(_hasColours && start.Length > 0 ? $"{start}{text}\u001b[22m" : text);
    }

    public void ShowWaiting(string what, TimeSpan since)
    {
        char frame = Frames[(int)(since.TotalMilliseconds / 100) % Frames.Length];
        string line = $"{frame} {what} {since.TotalSeconds:0} s";
        _terminal.Write("\r" + (_hasColours ? $"\u001b[2m{line}\u001b[22m" : line) + "\u001b[K");
        _isWaitingShown = true;
    }

    public bool TakeCancel()
    {
        bool cancel = false;
        while (Console.KeyAvailable)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (TypedKey.IsCtrlC(key))
                cancel = true;
            else
                _typedAhead.Enqueue(key);
        }

        return cancel;
    }

    public char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver)
    {
        Write($"{question} {string.Join("  ", choices.Select(choice => $"[{choice.Key}] {choice.Label}"))} ", TextLook.Bright);

        // Keys typed before the question appeared do not answer it.
        _ = TakeCancel();
        _typedAhead.Clear();
        while (!isOver())
        {
            if (!Console.KeyAvailable)
            {
                Thread.Sleep(20);
                continue;
            }

            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (TypedKey.IsCtrlC(key) || key.Key == ConsoleKey.Escape)
                break;
            char typed = char.ToLowerInvariant(key.KeyChar);
            if (choices.Any(choice => choice.Key == typed))
            {
                Write($"{typed}{Environment.NewLine}");
                return typed;
            }
        }

        Write(Environment.NewLine);
        return null;
    }

    public void Clear() => _terminal.Write("\u001b[H\u001b[2J");

    public void Dispose()
    {
        HideWaiting();
        Console.TreatControlCAsInput = _ctrlCWasInput;
        _windows?.Dispose();
    }

    private void HideWaiting()
    {
        if (_isWaitingShown)
            _terminal.Write("\r\u001b[K");
        _isWaitingShown = false;
    }

    /// <summary>A terminal whose first keys are those typed during an answer.</summary>
    private sealed class TypeAhead(ITerminal terminal, Queue<ConsoleKeyInfo> typed) : ITerminal
    {
        public int Width => terminal.Width;

        public int Height => terminal.Height;

        public bool HasKey => typed.Count > 0 || terminal.HasKey;

        public ConsoleKeyInfo ReadKey() => typed.TryDequeue(out ConsoleKeyInfo key) ? key : terminal.ReadKey();

        public void Write(string text) => terminal.Write(text);

        public int Cells(string text) => terminal.Cells(text);
    }
}
