using System.Text;
using System.Text.RegularExpressions;
using KiroPool.Tests.Errors;

namespace KiroPool.Tests.Help;

/// <summary>about_KiroPool_Errors: one entry per id, with its category, its meaning, and the advice of its records.</summary>
internal static partial class ErrorTopic
{
    private const int Width = 80;
    private const string Indent = "        ";
    private const string Advice = "Advice: ";

    public static string File { get; } = Path.Combine(HelpPage.Folder, "about_KiroPool_Errors.help.txt");

    /// <summary>The entries of a text: id, category, meaning, advice.</summary>
    public static IReadOnlyList<(string Id, string Category, string Meaning, string Advice)> Read(string text) =>
        [.. Entries().Matches(text).Select(Read)];

    /// <summary>The text with the categories and advice of the code. Meanings stay. New ids come last, without a meaning.</summary>
    public static string Renew(string text)
    {
        string known = Entries().Replace(text, entry => Read(entry) is var (id, _, meaning, _) && ErrorCatalog.All.ContainsKey(id) ? Entry(id, meaning) : "");
        IEnumerable<string> missing = ErrorCatalog.All.Keys.Except(Read(text).Select(entry => entry.Id));
        return string.Concat([known, .. missing.Select(id => "\n" + Entry(id, meaning: ""))]);
    }

    private static (string Id, string Category, string Meaning, string Advice) Read(Match entry)
    {
        string[] body = Regex.Replace(entry.Groups[3].Value.Trim(), @"\s*\n\s+", " ").Split(Advice, 2);
        return (entry.Groups[1].Value, entry.Groups[2].Value, body[0].Trim(), body.Length > 1 ? body[1] : "");
    }

    private static string Entry(string id, string meaning) =>
        $"    {id} ({ErrorCatalog.All[id].Category})\n{Wrap(meaning)}{Wrap(Advice + ErrorCatalog.All[id].Advice)}";

    private static string Wrap(string paragraph)
    {
        var text = new StringBuilder();
        var line = new StringBuilder();
        foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && Indent.Length + line.Length + 1 + word.Length > Width)
            {
                text.Append(Indent).Append(line).Append('\n');
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        return line.Length > 0 ? text.Append(Indent).Append(line).Append('\n').ToString() : "";
    }

    [GeneratedRegex(@"(?m)^    (\w+) \((\w+)\)\n((?: {8}\S.*\n)*)")]
    private static partial Regex Entries();
}
