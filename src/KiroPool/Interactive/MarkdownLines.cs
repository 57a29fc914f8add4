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

    private readonly StringBuilder _held = new();
    private readonly List<string> _table = [];
    private bool _isDecided;
    private bool _isCode;

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
        _held.Clear();
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
        string line = _held.ToString();
        string start = line.TrimStart(' ');
        if (start.StartsWith(Fence, StringComparison.Ordinal))
        {
            if (c == '\n')
                TakeFence(line, shown);
        }
        else if (!_isCode && start.StartsWith('|'))
        {
            if (c == '\n')
                Take(_table, line);
        }
        else if (c == '\n' || !Fence.StartsWith(start, StringComparison.Ordinal))
        {
            EndTable(shown);
            if (_isCode)
                shown.Append(hasColours ? "\u001b[36m" : "    ");
            _held.Clear();
            _isDecided = true;
            foreach (char held in line)
                Pass(held, shown);
        }
    }

    private void TakeFence(string line, StringBuilder shown)
    {
        EndTable(shown);
        _isCode = !_isCode;
        _held.Clear();
        string fence = line.TrimEnd('\n', '\r');
        shown.Append(hasColours ? $"\u001b[2m{fence}\u001b[22m" : fence).Append('\n');
    }

    private void Take(List<string> rows, string line)
    {
        rows.Add(line.TrimEnd('\n', '\r'));
        _held.Clear();
    }

    private void EndTable(StringBuilder shown)
    {
        if (_table.Count > 0)
            shown.Append(MarkdownTable.Render(_table, hasColours, cells, width()));
        _table.Clear();
    }
}
