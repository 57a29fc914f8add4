using System.Text;
using KiroPool.Engine.Agents;

namespace KiroPool.Interactive;

/// <summary>Aligns the columns of a Markdown table.</summary>
internal static class MarkdownTable
{
    private const string Gap = "  ";

    /// <summary>The table with aligned columns; the rows as they are if they are no table, or if it is wider than the window.</summary>
    public static string Render(IReadOnlyList<string> rows, bool hasColours, Func<string, int> cells, int width)
    {
        string[][] table = [.. rows.Select(CellsOf)];
        if (table.Length < 2 || !table[1].All(IsRule) || table[1].Length == 0)
            return Plain(rows);
        string[][] lines = [table[0], .. table.Skip(2)];
        int columns = lines.Max(line => line.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(i => lines.Max(line => i < line.Length ? WidthOf(line[i]) : 0))];
        if (widths.Sum() + (Gap.Length * (columns - 1)) > width)
            return Plain(rows);

        var text = new StringBuilder();
        string head = Row(lines[0]);
        text.Append(hasColours ? $"\u001b[1m{head}\u001b[22m" : head).Append('\n');
        text.AppendJoin(Gap, widths.Select(size => new string('─', size))).Append('\n');
        foreach (string[] line in lines.Skip(1))
            text.Append(Row(line)).Append('\n');
        return text.ToString();

        int WidthOf(string cell) => cells(TerminalText.Harmless(cell));

        string Row(string[] line) => string.Join(Gap, widths.Select((size, i) => (i < line.Length ? line[i] : "") is var cell ? cell + new string(' ', size - WidthOf(cell)) : "")).TrimEnd();
    }

    private static string Plain(IEnumerable<string> rows) => string.Concat(rows.Select(row => row + '\n'));

    private static string[] CellsOf(string row) => [.. row.Trim().Trim('|').Replace("\\|", "\u0001", StringComparison.Ordinal).Split('|').Select(cell => cell.Trim().Replace('\u0001', '|'))];

    private static bool IsRule(string cell) => cell.Length > 0 && cell.All(c => c is '-' or ':');
}
