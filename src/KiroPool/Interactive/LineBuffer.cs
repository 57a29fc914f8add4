using System.Globalization;

namespace KiroPool.Interactive;

/// <summary>Text of one or several lines, and the cursor in it. It moves by grapheme.</summary>
internal sealed class LineBuffer
{
    public string Text { get; private set; } = "";

    /// <summary>The cursor, as an index into <see cref="Text"/>.</summary>
    public int Cursor { get; private set; }

    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Backspace() => RemoveTo(Before(Cursor));

    public void Delete() => RemoveTo(After(Cursor));

    public void DeleteWordBefore() => RemoveTo(WordBefore());

    public void DeleteToLineStart() => RemoveTo(LineStart());

    public void DeleteToLineEnd() => RemoveTo(LineEnd());

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void WordLeft() => Cursor = WordBefore();

    public void WordRight()
    {
        while (Cursor < Text.Length && !char.IsLetterOrDigit(Text, Cursor))
            Right();
        while (Cursor < Text.Length && char.IsLetterOrDigit(Text, Cursor))
            Right();
    }

    public void Home() => Cursor = LineStart();

    public void End() => Cursor = LineEnd();

    /// <summary>Moves to the line above; false in the first line.</summary>
    public bool Up()
    {
        int start = LineStart();
        if (start == 0)
            return false;
        int column = Cursor - start;
        Cursor = start - 1;
        int above = LineStart();
        Cursor = OnBoundary(Math.Min(above + column, start - 1));
        return true;
    }

    /// <summary>Moves to the line below; false in the last line.</summary>
    public bool Down()
    {
        int column = Cursor - LineStart();
        int end = LineEnd();
        if (end == Text.Length)
            return false;
        Cursor = end + 1;
        Cursor = OnBoundary(Math.Min(end + 1 + column, LineEnd()));
        return true;
    }

    private void RemoveTo(int place)
    {
        int from = Math.Min(place, Cursor);
        Text = Text.Remove(from, Math.Abs(place - Cursor));
        Cursor = from;
    }

    private int LineStart() => Text.LastIndexOf('\n', Math.Max(Cursor - 1, 0), Math.Max(Cursor, 0)) + 1;

    private int LineEnd()
    {
        int end = Text.IndexOf('\n', Cursor);
        return end < 0 ? Text.Length : end;
    }

    private int WordBefore()
    {
        int place = Cursor;
        while (place > 0 && !char.IsLetterOrDigit(Text, Before(place)))
            place = Before(place);
        while (place > 0 && char.IsLetterOrDigit(Text, Before(place)))
            place = Before(place);
        return place;
    }

    private int After(int place) => place < Text.Length ? place + StringInfo.GetNextTextElementLength(Text, place) : place;

    private int Before(int place)
    {
        // The start of a grapheme can only be found from the front; the start of the line is far enough.
        int at = place > 0 ? Text.LastIndexOf('\n', place - 1) : -1;
        if (at == place - 1)
            return Math.Max(at, 0);
        int before = at + 1;
        for (int next = before; next < place; next = After(next))
            before = next;
        return before;
    }

    private int OnBoundary(int place)
    {
        int before = place > 0 ? Before(place) : place;
        return before < place && After(before) > place ? before : place;
    }
}
