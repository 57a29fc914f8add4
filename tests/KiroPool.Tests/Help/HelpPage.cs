using System.Text.RegularExpressions;

namespace KiroPool.Tests.Help;

/// <summary>The page of a cmdlet in docs/en-US, as far as tests use it.</summary>
internal sealed partial class HelpPage
{
    private readonly Dictionary<string, string> _sections;

    private HelpPage(string path)
    {
        Name = Path.GetFileNameWithoutExtension(path);
        Source = File.ReadAllText(path).ReplaceLineEndings("\n");
        _sections = Parts(Source, "## ");
        Parameters = Parts(this["PARAMETERS"], "### -");
        Examples = [.. Parts(this["EXAMPLES"], "### ").Select(example => new HelpExample(
            example.Key,
            string.Join("\n\n", Fences().Matches(example.Value).Select(fence => fence.Groups[1].Value.TrimEnd())),
            Plain(Fences().Replace(example.Value, "").Trim())))];
        Syntaxes = Parts(this["SYNTAX"], "### ").ToDictionary(set => set.Key.Replace(" (Default)", "", StringComparison.Ordinal), set => set.Value);
    }

    public static string Folder { get; } = Path.Combine(Repository.Root, "docs", "en-US");

    /// <summary>All pages by name.</summary>
    public static IReadOnlyDictionary<string, HelpPage> All { get; } =
        Directory.GetFiles(Folder, "*-*.md").Select(path => new HelpPage(path)).ToDictionary(page => page.Name);

    public string Name { get; }

    public string Source { get; }

    public IReadOnlyList<HelpExample> Examples { get; }

    /// <summary>The text below the title of each parameter.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>The syntax of each parameter set.</summary>
    public IReadOnlyDictionary<string, string> Syntaxes { get; }

    /// <summary>A section by its title.</summary>
    public string this[string title] => _sections.TryGetValue(title, out string? text) ? text.Trim() : "";

    /// <summary>A parameter's description as plain text.</summary>
    public string DescriptionOf(string parameter) => Plain(Parameters[parameter].Split("```yaml")[0].Trim());

    /// <summary>The values of one fact of a parameter; several if it belongs to several sets.</summary>
    public string[] FactsOf(string parameter, string fact) =>
        [.. Regex.Matches(Parameters[parameter], $"(?m)^[- ] ?{fact}: (.*)$|^{fact}: (.*)$").Select(line => (line.Groups[1].Success ? line.Groups[1] : line.Groups[2]).Value.Trim())];

    /// <summary>The aliases of a parameter on the page.</summary>
    public string[] AliasesOf(string parameter) =>
        [.. Regex.Match(Parameters[parameter], "(?m)^Aliases:\n((?:- .*\n)*)").Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[2..])];

    /// <summary>The text without markup.</summary>
    public static string Plain(string markdown) => Emphasis().Replace(markdown, "$1$2");

    /// <summary>The parts of a text by their titles, in order.</summary>
    private static Dictionary<string, string> Parts(string text, string mark)
    {
        var parts = new Dictionary<string, string>();
        foreach (string part in Regex.Split(text, $"(?m)^(?={Regex.Escape(mark)}\\w)").Where(part => part.StartsWith(mark, StringComparison.Ordinal)))
            parts.Add(part[mark.Length..part.IndexOf('\n', StringComparison.Ordinal)].Trim(), part[(part.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        return parts;
    }

    [GeneratedRegex("(?ms)^```\\w*\n(.*?)^```")]
    private static partial Regex Fences();

    [GeneratedRegex(@"`([^`\n]+)`|(?<!\w)\*([^*\n]+)\*(?!\w)")]
    private static partial Regex Emphasis();
}

/// <summary>An example: its title, its code, and its remarks.</summary>
internal sealed record HelpExample(string Title, string Code, string Remarks);
