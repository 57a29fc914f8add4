using System.Text;

namespace KiroPool.Interactive;

/// <summary>
/// Reads text of one or several lines from a terminal: arrow keys, history, words, paste, completion. Ctrl+C clears the
/// line; on an empty line Ctrl+C, Ctrl+D and the end of input leave.
/// </summary>
internal sealed class LineEditor(ITerminal terminal, InputHistory history, bool hasColours, Func<bool> isOver)
{
    private readonly LineBuffer _buffer = new();
    private string _prompt = "";
    private int _rowOfCursor;
    private bool _burstHadLines;

    private enum Step
    {
        GoOn,
        Submit,
        Leave,
    }

    /// <summary>Whether Ctrl+C leaves even if the line has text.</summary>
    public bool LeavesWithText { get; init; }

    /// <summary>Whether the last text ended by Ctrl+C at an empty line.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Reads a text; null if the user leaves or the input ends.</summary>
    public string? Read(string prompt, Func<string, IReadOnlyList<string>> complete)
    {
        _prompt = prompt;
        WasInterrupted = false;
        _buffer.Set("");
        _rowOfCursor = 0;
        history.Rewind();
        Draw();
        while (!isOver())
        {
            if (!terminal.HasKey)
            {
                Thread.Sleep(10);
                continue;
            }

            // A paste arrives as many keys at once and is drawn once.
            _burstHadLines = false;
            Step step;
            do
                step = Take(terminal.ReadKey(), complete);
            while (step == Step.GoOn && terminal.HasKey);
            Draw();
            if (step == Step.GoOn)
                continue;
            _buffer.Set(_buffer.Text);
            Draw();
            terminal.Write("\r\n");
            if (step == Step.Leave)
                return null;
            if (!string.IsNullOrWhiteSpace(_buffer.Text))
                history.Add(_buffer.Text);
            return _buffer.Text;
        }

        return null;
    }

    private Step Take(ConsoleKeyInfo key, Func<string, IReadOnlyList<string>> complete)
    {
        key = TypedKey.Fold(key);
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control) && !alt;
        switch (key.Key)
        {
            case ConsoleKey.Enter when key.Modifiers != 0 || IsInPaste() || EndsWithBackslash():
                NewLine();
                return Step.GoOn;
            case ConsoleKey.Enter:
                return Step.Submit;
            case ConsoleKey.J when control:
                NewLine();
                return Step.GoOn;
            case ConsoleKey.C when control:
                return Interrupt();
            case ConsoleKey.D when control && _buffer.Text.Length == 0:
                return Step.Leave;
            case ConsoleKey.None when key.KeyChar == '\t':
                _buffer.Insert("\t");
                return Step.GoOn;
            case ConsoleKey.Tab:
                if (terminal.IsPasting || (terminal.HasKey && complete(_buffer.Text).Count == 0))
                    _buffer.Insert("\t");
                else
                    Complete(complete);
                return Step.GoOn;
            default:
                if (!Move(key.Key, control, alt) && !Erase(key.Key, control, alt) && !control && !alt && !char.IsControl(key.KeyChar))
                    _buffer.Insert(key.KeyChar.ToString());
                return Step.GoOn;
        }
    }

    private bool Move(ConsoleKey key, bool control, bool alt)
    {
        switch (key)
        {
            case ConsoleKey.LeftArrow when control || alt:
            case ConsoleKey.B when alt:
                _buffer.WordLeft();
                return true;
            case ConsoleKey.RightArrow when control || alt:
            case ConsoleKey.F when alt:
                _buffer.WordRight();
                return true;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                _buffer.Left();
                return true;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                _buffer.Right();
                return true;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _buffer.Home();
                return true;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _buffer.End();
                return true;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when control:
                if (!_buffer.Up() && history.Older(_buffer.Text) is { } older)
                    _buffer.Set(older);
                return true;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                if (!_buffer.Down() && history.Newer() is { } newer)
                    _buffer.Set(newer);
                return true;
            case ConsoleKey.L when control:
                terminal.Write("\u001b[H\u001b[2J");
                _rowOfCursor = 0;
                return true;
            default:
                return false;
        }
    }

    private bool Erase(ConsoleKey key, bool control, bool alt)
    {
        switch (key)
        {
            case ConsoleKey.Backspace when control || alt:
            case ConsoleKey.W when control:
                _buffer.DeleteWordBefore();
                return true;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                _buffer.Backspace();
                return true;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                _buffer.Delete();
                return true;
            case ConsoleKey.U when control:
                _buffer.DeleteToLineStart();
                return true;
            case ConsoleKey.K when control:
                _buffer.DeleteToLineEnd();
                return true;
            case ConsoleKey.Escape:
                _buffer.Set("");
                return true;
            default:
                return false;
        }
    }

    private Step Interrupt()
    {
        if (_buffer.Text.Length == 0 || LeavesWithText)
        {
            WasInterrupted = true;
            return Step.Leave;
        }

        _buffer.Set("");
        return Step.GoOn;
    }

    /// <summary>Where the terminal does not tell, more keys at once are a paste, and one that had a line end may end with another.</summary>
    private bool IsInPaste()
    {
        bool isPaste = terminal.IsPasting || terminal.HasKey || _burstHadLines;
        _burstHadLines |= isPaste;
        return isPaste;
    }

    private bool EndsWithBackslash() => _buffer.Cursor == _buffer.Text.Length && _buffer.Text.EndsWith('\\');

    private void NewLine()
    {
        if (EndsWithBackslash())
            _buffer.Backspace();
        _buffer.Insert("\n");
    }

    /// <summary>Completes the common part of all completions, and shows them if there are several.</summary>
    private void Complete(Func<string, IReadOnlyList<string>> complete)
    {
        if (_buffer.Cursor != _buffer.Text.Length)
            return;
        IReadOnlyList<string> all = complete(_buffer.Text);
        if (all.Count == 0)
            return;
        string common = all.Aggregate((a, b) => a[..a.Zip(b).TakeWhile(pair => char.ToUpperInvariant(pair.First) == char.ToUpperInvariant(pair.Second)).Count()]);
        if (common.Length > _buffer.Text.Length || all.Count == 1)
        {
            _buffer.Set(common);
            return;
        }

        _buffer.Set(_buffer.Text);
        Draw();
        terminal.Write("\r\n" + string.Join("  ", all.Select(one => one[(one.LastIndexOf(' ') + 1)..])) + "\r\n");
        _rowOfCursor = 0;
    }

    private void Draw()
    {
        EditorLayout layout = EditorLayout.Of(_prompt, _buffer.Text, _buffer.Cursor, terminal.Width, terminal.Cells);

        // If the text is higher than the window, the part around the cursor is shown.
        int most = Math.Max(terminal.Height - 1, 1);
        int first = Math.Clamp(layout.CursorRow - most + 1, 0, Math.Max(layout.Rows.Count - most, 0));
        string[] rows = [.. layout.Rows.Skip(first).Take(most)];
        int cursorRow = layout.CursorRow - first;
        if (hasColours && first == 0 && rows[0].StartsWith(_prompt, StringComparison.Ordinal))
            rows[0] = $"\u001b[1m{_prompt}\u001b[22m{rows[0][_prompt.Length..]}";

        var screen = new StringBuilder("\u001b[?25l");
        if (_rowOfCursor > 0)
            screen.Append($"\u001b[{_rowOfCursor}A");
        screen.Append("\r\u001b[J").AppendJoin("\r\n", rows);
        if (rows.Length - 1 > cursorRow)
            screen.Append($"\u001b[{rows.Length - 1 - cursorRow}A");
        screen.Append('\r');
        if (layout.CursorColumn > 0)
            screen.Append($"\u001b[{layout.CursorColumn}C");
        terminal.Write(screen.Append("\u001b[?25h").ToString());
        _rowOfCursor = cursorRow;
    }
}
