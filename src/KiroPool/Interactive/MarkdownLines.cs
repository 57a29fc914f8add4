using System.Text;

namespace KiroPool.Interactive;

/// <summary>
/// Sets fenced code and tables of a streamed answer off; all other text passes unchanged and at once. Only the start of a
/// line that may become a fence, and the rows of a table, are held back.
/// </summary>
/// <param name="hasColours">Whether code is coloured; otherwise it is indented.</param>
/// <param name="cells">The width of a text in columns.</param>
/// <param name="width">Columns of a line.</param>
internal sealed class MarkdownLines(bool hasColours, Func<string, int> cells, Func<int> width)
{
    private const string Fence = "```";

    // A longer row or fence passes as it is. No agent may hold back the screen.
    private const int MostHeld = 8 * 1024;

    private readonly StringBuilder _held = new();
    private readonly List<string> _table = [];
    private LineKind _kind;
    private int _blanks;
    private bool _isDecided;
    private bool _isCode;

    private enum LineKind
    {
        Open,
        Fence,
        Row,
        Text,
    }

    /// <summary>Adds text and returns what can be shown.</summary>
    public string Append(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text)
        {
            if (_isDecided)
                Pass(c, shown);
            else
                Hold(c, shown);
        }

        return shown.ToString();
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Complete()
    {
        var shown = new StringBuilder();
        EndTable(shown);
        shown.Append(_held);
        if (_isDecided && _isCode && hasColours)
            shown.Append("\u001b[39m");
        StartLine();
        _isDecided = false;
        return shown.ToString();
    }

    private void Pass(char c, StringBuilder shown)
    {
        if (c == '\n')
        {
            _isDecided = false;
            if (_isCode && hasColours)
                shown.Append("\u001b[39m");
        }

        shown.Append(c);
    }

    private void Hold(char c, StringBuilder shown)
    {
        _held.Append(c);
        if (_kind == LineKind.Open)
            _kind = KindSoFar(c);
        if (_kind == LineKind.Text || _held.Length > MostHeld)
            Release(shown);
        else if (c == '\n' && _kind == LineKind.Fence)
            TakeFence(_held.ToString(), shown);
        else if (c == '\n')
            Take(_table, _held.ToString());
    }

    /// <summary>The kind of a line by its first characters after the blanks: at most three decide.</summary>
    private LineKind KindSoFar(char c)
    {
        if (c == ' ' && _held.Length == _blanks + 1)
        {
            _blanks++;
            return LineKind.Open;
        }

        string start = _held.ToString(_blanks, _held.Length - _blanks);
        return start == Fence ? LineKind.Fence
            : start == "|" && !_isCode ? LineKind.Row
            : Fence.StartsWith(start, StringComparison.Ordinal) ? LineKind.Open
            : LineKind.Text;
    }

    private void Release(StringBuilder shown)
    {
        EndTable(shown);
        if (_isCode)
            shown.Append(hasColours ? "\u001b[36m" : "    ");
        string line = _held.ToString();
        StartLine();
        _isDecided = true;
        foreach (char held in line)
            Pass(held, shown);
    }

    private void StartLine()
    {
        _held.Clear();
        (_kind, _blanks) = (LineKind.Open, 0);
    }

    private void TakeFence(string line, StringBuilder shown)
    {
        EndTable(shown);
        _isCode = !_isCode;
        StartLine();
        string fence = line.TrimEnd('\n', '\r');
        shown.Append(hasColours ? $"\u001b[2m{fence}\u001b[22m" : fence).Append('\n');
    }

    private void Take(List<string> rows, string line)
    {
        rows.Add(line.TrimEnd('\n', '\r'));
        StartLine();
    }

    private void EndTable(StringBuilder shown)
    {
        if (_table.Count > 0)
            shown.Append(MarkdownTable.Render(_table, hasColours, cells, width()));
        _table.Clear();
    }
}
