using System.Text;

namespace KiroPool.Benchmarks.Running;

/// <summary>
/// docs/benchmarks.md. A run replaces the text between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>. The text
/// around it is written by hand and stays.
/// </summary>
internal static class Page
{
    public static void Replace(string name, string content)
    {
        string text = File.Exists(Repository.Page) ? File.ReadAllText(Repository.Page) : "# Benchmarks\n";
        string begin = $"<!-- {name} -->\n";
        string end = $"<!-- /{name} -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        int to = from < 0 ? -1 : text.IndexOf(end, from, StringComparison.Ordinal);
        text = to < 0
            ? $"{text.TrimEnd()}\n\n{begin}{content}{end}\n"
            : text[..(from + begin.Length)] + content + text[to..];
        File.WriteAllText(Repository.Page, text);
    }

    public static string ToMarkdown(Section section, string measured)
    {
        var text = new StringBuilder();
        foreach (Table table in section.Tables)
            text.Append(table.ToMarkdown()).Append('\n');
        foreach (string note in section.Notes)
            text.Append(note).Append("\n\n");
        if (section.Budgets.Count > 0)
            text.Append(ToMarkdown(section.Budgets)).Append('\n');
        return text.Append(measured).Append('\n').ToString();
    }

    public static string ToMarkdown(IEnumerable<Budget> budgets)
    {
        var table = new Table("Budgets", ["what", "limit", "measured", ""]);
        foreach (Budget budget in budgets)
            table.Add(budget.What, budget.Limit, budget.Figure, budget.IsMet ? "met" : "**missed**");
        return table.ToMarkdown();
    }
}
