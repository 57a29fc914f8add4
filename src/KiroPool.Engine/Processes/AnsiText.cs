using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>
/// Converts terminal output to text: removes colours, cursor codes, titles and other control characters, white space
/// around the text, and a prompt sign <c>&gt; </c> before it. Bytes may be split anywhere.
/// </summary>
/// <remarks>The results of <see cref="Append"/> and <see cref="Complete"/>, joined, are <see cref="Text"/>.</remarks>
internal sealed class AnsiText
{
    private const char Escape = '\u001b';
    private const char Bell = '\u0007';
    private const char Cancel = '\u0018';
    private const char Substitute = '\u001a';

    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();
    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _text = new();

    // White space, and a '>' at the start: the next characters decide whether they are part of the text.
    private readonly StringBuilder _held = new();
    private char[] _chars = new char[1024];
    private State _state;
    private bool _lastWasReturn;
    private bool _signSeen;

    private enum State
    {
        Text,

        /// <summary>After ESC.</summary>
        Escape,

        /// <summary>After ESC and an intermediate character: one more ends the sequence.</summary>
        EscapeIntermediate,

        /// <summary>A control sequence (CSI): ends with a letter or the like.</summary>
        Sequence,

        /// <summary>A string for the terminal (OSC and others): ends with BEL or ESC \.</summary>
        Command,

        /// <summary>After an ESC inside such a string.</summary>
        CommandEscape,
    }

    /// <summary>The text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>The raw text so far. Invalid UTF-8 becomes U+FFFD.</summary>
    public string RawText => _raw.ToString();

    /// <summary>Whether there is any text.</summary>
    public bool HasText => _text.Length > 0;

    /// <summary>Adds bytes.</summary>
    /// <returns>The newly certain text.</returns>
    public string Append(ReadOnlySpan<byte> bytes) => Add(bytes, flush: false);

    /// <summary>Ends the input.</summary>
    /// <returns>The newly certain text.</returns>
    public string Complete()
    {
        string last = Add([], flush: true);

        // A prompt sign alone is not an answer.
        _held.Clear();
        return last;
    }

    /// <summary>Converts a whole string.</summary>
    public static string Strip(string text)
    {
        var ansi = new AnsiText { _signSeen = true };
        ansi.Append(Encoding.UTF8.GetBytes(text));
        ansi.Complete();
        return ansi.Text;
    }

    private string Add(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = _decoder.GetCharCount(bytes, flush);
        if (_chars.Length < most)
            _chars = new char[most];
        int count = _decoder.GetChars(bytes, _chars, flush);
        _raw.Append(_chars, 0, count);
        int before = _text.Length;
        foreach (char c in _chars.AsSpan(0, count))
            Take(c);
        return _text.ToString(before, _text.Length - before);
    }

    private void Take(char c)
    {
        switch (_state)
        {
            case State.Text:
                TakeText(c);
                break;
            case State.Escape:
                _state = c switch
                {
                    '[' => State.Sequence,
                    ']' or 'P' or 'X' or '^' or '_' => State.Command,
                    Escape => State.Escape,
                    >= ' ' and <= '/' => State.EscapeIntermediate,
                    _ => State.Text,
                };
                TakeLineEndInside(c);
                break;
            case State.EscapeIntermediate:
                _state = c == Escape ? State.Escape : c is >= ' ' and <= '/' ? State.EscapeIntermediate : State.Text;
                TakeLineEndInside(c);
                break;
            case State.Sequence:
                _state = c == Escape ? State.Escape : c is (>= '@' and <= '~') or Cancel or Substitute or '\n' ? State.Text : State.Sequence;
                TakeLineEndInside(c);
                break;
            case State.Command:
                // None of these strings contains a line end, so an unterminated one must not swallow the answer.
                _state = c == Escape ? State.CommandEscape : c is Bell or '\u009c' or Cancel or Substitute or '\n' ? State.Text : State.Command;
                TakeLineEndInside(c);
                break;
            case State.CommandEscape:
                // ESC \ ends the string. Any other ESC also ends it and starts a new sequence.
                _state = State.Escape;
                if (c == '\\')
                    _state = State.Text;
                else
                    Take(c);
                break;
        }
    }

    private void TakeLineEndInside(char c)
    {
        if (c == '\n')
            TakeText(c);
    }

    private void TakeText(char c)
    {
        switch (c)
        {
            case Escape:
                _state = State.Escape;
                break;
            case '\u009b':
                _state = State.Sequence;
                break;
            case '\u009d' or '\u0090' or '\u0098' or '\u009e' or '\u009f':
                _state = State.Command;
                break;
            case '\r':
                _lastWasReturn = true;
                break;
            case '\n' or '\t' or (>= ' ' and < '\u007f') or >= '\u00a0':
                // A lone carriage return would overwrite the line on a screen. Here it starts a new line.
                if (_lastWasReturn && c != '\n')
                    Keep('\n');
                _lastWasReturn = false;
                Keep(c);
                break;
        }
    }

    private void Keep(char c)
    {
        if (char.IsWhiteSpace(c))
        {
            // The sign is "> ". A '>' before any other character belongs to the answer.
            if (!HasText && _held.Length > 0 && _held[^1] == '>')
                _held.Clear();
            else if (HasText)
                _held.Append(c);
        }
        else if (!HasText && !_signSeen && c == '>')
        {
            _signSeen = true;
            _held.Append(c);
        }
        else
        {
            _text.Append(_held).Append(c);
            _held.Clear();
        }
    }
}
