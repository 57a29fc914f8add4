using System.Buffers;
using System.Globalization;
using System.Text;

namespace KiroPool.Engine.Agents;

/// <summary>
/// Makes foreign text harmless for a terminal: text of an agent must not set the clipboard or the title, move the cursor,
/// clear the screen or overwrite a line. Line feeds and tabs stay, and colours if requested. A control sequence becomes
/// the sign ␛, any other control character its Unicode sign. Text may come in pieces that are split anywhere.
/// </summary>
/// <param name="keepColours">Whether colours and similar attributes (SGR) stay; otherwise they are removed without a sign.</param>
public sealed class TerminalText(bool keepColours)
{
    private const char Escape = '\u001b';
    private const char Bell = '\u0007';
    private const char Delete = '\u007f';
    private const char Terminator = '\u009c';
    private const char Sign = '␛';
    private const string Reset = "\u001b[0m";

    /// <summary>The limit of an unfinished sequence that is held back. The rest is dropped.</summary>
    private const int MostHeld = 4096;

    private static readonly SearchValues<char> Suspects =
        SearchValues.Create([.. Enumerable.Range(0, 0xa0).Select(c => (char)c).Where(char.IsControl).Except(['\n', '\t'])]);

    private readonly StringBuilder _out = new();

    // The start of a sequence, a return, or half a character. The next character decides what it is.
    private readonly StringBuilder _held = new();
    private State _state;
    private bool _isColoured;

    private enum State
    {
        Text,

        /// <summary>After a return, which may belong to a line feed.</summary>
        Return,

        /// <summary>After the first half of a surrogate pair.</summary>
        Half,

        /// <summary>After ESC.</summary>
        Escape,

        /// <summary>After ESC and an intermediate character.</summary>
        Intermediate,

        /// <summary>In a control sequence (CSI).</summary>
        Sequence,

        /// <summary>In a string for the terminal (OSC, DCS, APC, PM, SOS).</summary>
        Command,

        /// <summary>After an ESC in such a string.</summary>
        CommandEscape,
    }

    /// <summary>Converts a whole text.</summary>
    /// <param name="text">Any text, or null.</param>
    /// <param name="keepColours">Whether colours stay. They end with the text.</param>
    public static string Harmless(string? text, bool keepColours = false)
    {
        if (string.IsNullOrEmpty(text) || !text.AsSpan().ContainsAny(Suspects))
            return text ?? "";
        var filter = new TerminalText(keepColours);
        return filter.Append(text) + filter.Complete();
    }

    /// <summary>
    /// The position at which a text can be cut so that the first part has at most so many characters (UTF-16) and no control
    /// sequence, surrogate pair or grapheme is split.
    /// </summary>
    public static int CutAt(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= most)
            return text.Length;
        int end = 0;
        for (int next; (next = end + StringInfo.GetNextTextElementLength(text, end)) <= most;)
            end = next;
        int escape = text.LastIndexOf(Escape, Math.Max(end - 1, 0), Math.Min(end, MostHeld));
        return escape >= 0 && new TerminalText(keepColours: true).IsOpenAfter(text.AsSpan(escape, end - escape)) ? escape : end;
    }

    /// <summary>The text with at most so many characters, and … at its end if it was longer.</summary>
    public static string Cut(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, CutAt(text, most - 1)).TrimEnd(), "…");
    }

    /// <summary>Adds a piece.</summary>
    /// <returns>The text that can be shown now.</returns>
    public string Append(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        foreach (char c in piece)
            Take(c);
        return Flush();
    }

    /// <summary>Ends the input. Colours end here.</summary>
    /// <returns>The text that can be shown now.</returns>
    public string Complete()
    {
        Abandon();
        if (_isColoured)
            _out.Append(Reset);
        _isColoured = false;
        return Flush();
    }

    private bool IsOpenAfter(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            Take(c);
        return _state is not (State.Text or State.Return);
    }

    private string Flush()
    {
        string text = _out.ToString();
        _out.Clear();
        return text;
    }

    private void Take(char c)
    {
        switch (_state)
        {
            case State.Text:
                TakeText(c);
                break;
            case State.Return:
                if (c != '\n')
                    _out.Append(Picture('\r'));
                Begin(State.Text);
                TakeText(c);
                break;
            case State.Half:
                if (char.IsLowSurrogate(c))
                {
                    _out.Append(_held).Append(c);
                    Begin(State.Text);
                    break;
                }

                Again(c);
                break;
            case State.Escape:
                TakeBehindEscape(c);
                break;
            case State.Intermediate:
                if (c is >= ' ' and <= '/')
                    Hold(c, State.Intermediate);
                else if (c is >= '0' and <= '~')
                    End();
                else
                    Again(c);
                break;
            case State.Sequence:
                if (c is >= ' ' and <= '?')
                    Hold(c, State.Sequence);
                else if (c is >= '@' and <= '~')
                    EndSequence(c);
                else
                    Again(c);
                break;
            case State.Command:
                if (c is Bell or Terminator)
                    End();
                else if (c == Escape)
                    Hold(c, State.CommandEscape);
                else if (c is '\n' or '\u0018' or '\u001a')
                    Again(c);
                else
                    Hold(c, State.Command);
                break;
            case State.CommandEscape:
                // ESC \ ends the string. Any other ESC also ends it and starts a new sequence.
                End();
                if (c != '\\')
                {
                    Hold(Escape, State.Escape);
                    Take(c);
                }

                break;
        }
    }

    private void TakeText(char c)
    {
        if (c == Escape)
            Hold(c, State.Escape);
        else if (c == '\r')
            Begin(State.Return);
        else if (char.IsHighSurrogate(c))
            Hold(c, State.Half);
        else if (c == '\u009b')
            Hold(c, State.Sequence);
        else if (c is '\u0090' or '\u0098' or '\u009d' or '\u009e' or '\u009f')
            Hold(c, State.Command);
        else
            _out.Append(c is '\n' or '\t' ? c : Picture(c));
    }

    private void TakeBehindEscape(char c)
    {
        if (c == '[')
            Hold(c, State.Sequence);
        else if (c is ']' or 'P' or 'X' or '^' or '_')
            Hold(c, State.Command);
        else if (c is >= ' ' and <= '/')
            Hold(c, State.Intermediate);
        else if (c is >= '0' and <= '~')
            End();
        else
            Again(c);
    }

    private void EndSequence(char last)
    {
        string parameters = _held.ToString()[(_held[0] == Escape ? 2 : 1)..];
        if (last != 'm' || !parameters.All(c => char.IsAsciiDigit(c) || c is ';' or ':'))
        {
            End();
            return;
        }

        if (keepColours)
        {
            _out.Append(Escape).Append('[').Append(parameters).Append(last);
            _isColoured = parameters.Any(c => c is not ('0' or ';'));
        }

        Begin(State.Text);
    }

    /// <summary>Replaces a complete sequence by its sign.</summary>
    private void End()
    {
        _out.Append(Sign);
        Begin(State.Text);
    }

    /// <summary>Keeps text that only looked like a sequence, and checks the character again.</summary>
    private void Again(char c)
    {
        Abandon();
        Take(c);
    }

    private void Abandon()
    {
        if (_state == State.Return)
            _out.Append(Picture('\r'));
        foreach (char c in _held.ToString())
            _out.Append(Picture(c));
        Begin(State.Text);
    }

    private void Hold(char c, State state)
    {
        if (_held.Length < MostHeld)
            _held.Append(c);
        _state = state;
    }

    private void Begin(State state)
    {
        _held.Clear();
        _state = state;
    }

    private static char Picture(char c) => c switch
    {
        < ' ' => (char)('\u2400' + c),
        Delete => '\u2421',
        >= '\u0080' and <= '\u009f' => '\ufffd',
        _ when char.IsSurrogate(c) => '\ufffd',
        _ => c,
    };
}
