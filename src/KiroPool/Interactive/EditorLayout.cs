using System.Globalization;
using System.Text;

namespace KiroPool.Interactive;

/// <summary>The terminal rows of a prompt and a text, and the position of the cursor.</summary>
internal sealed class EditorLayout
{
    private readonly List<StringBuilder> _rows = [new()];
    private readonly Func<string, int> _cells;
    private readonly int _width;
    private int _column;

    private EditorLayout(int width, Func<string, int> cells) => (_width, _cells) = (Math.Max(width, 2), cells);

    public IReadOnlyList<string> Rows => [.. _rows.Select(row => row.ToString())];

    public int CursorRow { get; private set; }

    public int CursorColumn { get; private set; }

    public static EditorLayout Of(string prompt, string text, int cursor, int width, Func<string, int> cells)
    {
        var layout = new EditorLayout(width, cells);
        layout.Add(prompt);
        string indent = new(' ', Math.Min(cells(prompt), width / 2));
        int at = 0;
        while (true)
        {
            if (at == cursor)
                (layout.CursorRow, layout.CursorColumn) = layout.Place();
            if (at >= text.Length)
                break;
            int length = StringInfo.GetNextTextElementLength(text, at);
            string element = text.Substring(at, length);
            at += length;
            if (element is "\n" or "\r\n")
            {
                layout.NextRow();
                layout.Add(indent);
            }
            else
            {
                // A control character would move the cursor by itself.
                layout.Add(element == "\t" ? "    " : char.IsControl(element[0]) ? "·" : element);
            }
        }

        // After a full row the cursor is in the next row.
        if (layout.CursorRow == layout._rows.Count)
            layout._rows.Add(new StringBuilder());
        return layout;
    }

    private (int Row, int Column) Place() => _column >= _width ? (_rows.Count, 0) : (_rows.Count - 1, _column);

    private void Add(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text, at);
            string element = text.Substring(at, length);
            int cells = _cells(element);
            if (_column + cells > _width)
                NextRow();
            _rows[^1].Append(element);
            _column += cells;
            at += length;
        }
    }

    private void NextRow()
    {
        _rows.Add(new StringBuilder());
        _column = 0;
    }
}
