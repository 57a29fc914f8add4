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
    private readonly LeaveQuestion _lines;
    private string _eraser = "";

    private TerminalConsole(PSHostUserInterface ui, WindowsScreen? windows, bool hasColours, Func<bool> isOver)
    {
        _ui = ui;
        _windows = windows;
        _hasColours = hasColours;
        _terminal = new TypeAhead(new PasteTerminal(new SystemTerminal(ui.RawUI, windows)), TimeProvider.System);
        _lines = new LeaveQuestion(new LineEditor(_terminal, History, hasColours, isOver), note => Write(note + Environment.NewLine, TextLook.Dim));
        _ctrlCWasInput = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        _terminal.Write(PasteTerminal.On);
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

    public int Cells(string text) => _terminal.Cells(text);

    public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete)
    {
        HideWaiting();
        return _lines.Read(prompt, complete);
    }

    public void Write(string text, TextLook look = TextLook.Plain)
    {
        HideWaiting();
        if (look == TextLook.Dim)
            text = WordWrap.At(text, Width, Cells);
        string start = look switch { TextLook.Dim => "\u001b[2m", TextLook.Bright => "\u001b[1m", _ => "" };
        _ui.Write(_hasColours && start.Length > 0 ? $"{start}{text}\u001b[22m" : text);
    }

    public void ShowWaiting(string what, TimeSpan since)
    {
        char frame = Frames[(int)(since.TotalMilliseconds / 100) % Frames.Length];
        string line = $"{frame} {what} {since.TotalSeconds:0} s";
        _terminal.Write("\r" + (_hasColours ? $"\u001b[2m{line}\u001b[22m" : line) + "\u001b[K");
        _eraser = "\r\u001b[K";
    }

    public void ShowAlive(TimeSpan since)
    {
        char frame = Frames[(int)(since.TotalMilliseconds / 100) % Frames.Length];
        _terminal.Write($"\u001b7 {frame}\u001b8");
        _eraser = "\u001b[K";
    }

    public bool TakeCancel() => _terminal.TakeCancel(TypedKey.IsCtrlC);

    public char? Choose(string question, IReadOnlyList<(char Key, string Label)> choices, Func<bool> isOver)
    {
        Write($"{question} {string.Join("  ", choices.Select(choice => $"[{choice.Key}] {choice.Label}"))} ", TextLook.Bright);

        if (KeyChoice.Read(_terminal, [.. choices.Select(choice => choice.Key)], isOver, TimeProvider.System, Thread.Sleep) is { } typed)
        {
            Write($"{typed}{Environment.NewLine}");
            return typed;
        }

        Write(Environment.NewLine);
        return null;
    }

    public string? Ask(string label, Func<bool> isOver)
    {
        HideWaiting();
        var editor = new LineEditor(_terminal, new InputHistory(), _hasColours, isOver) { LeavesWithText = true };
        string? line = editor.Read(label, _ => []);
        if (line is null)
            Write(Environment.NewLine);
        return line;
    }

    public void Clear() => _terminal.Write("\u001b[H\u001b[2J");

    public void Dispose()
    {
        HideWaiting();
        _terminal.Write(PasteTerminal.Off);
        Console.TreatControlCAsInput = _ctrlCWasInput;
        _windows?.Dispose();
    }

    private void HideWaiting()
    {
        if (_eraser.Length > 0)
            _terminal.Write(_eraser);
        _eraser = "";
    }
}
