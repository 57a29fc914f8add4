using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KiroPool.Engine.Agents;

namespace KiroPool.Journal;

/// <summary>
/// The first line of a journal: the common options of its prompts. It has only options that change an answer, so that a
/// batch can be resumed with other time limits, another throttle or more retries.
/// </summary>
internal sealed record JournalHeader
{
    /// <summary>The version of the format this module reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format. It also distinguishes a journal from other JSON lines.</summary>
    public int KiroPoolJournal { get; set; }

    /// <summary>The start of the first run.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>SHA-256 of <see cref="Options"/>.</summary>
    public string Hash { get; set; } = "";

    /// <summary>Name and value of each option that changes an answer, by the name of its parameter; null when not given.</summary>
    public SortedDictionary<string, string?> Options { get; set; } = [];

    /// <summary>Makes the header of a new journal.</summary>
    public static JournalHeader Create(IEnumerable<KeyValuePair<string, string?>> options)
    {
        var sorted = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach ((string name, string? value) in options)
            sorted.Add(name, value);
        return new JournalHeader { KiroPoolJournal = CurrentVersion, StartedAt = DateTimeOffset.Now, Options = sorted, Hash = HashOf(sorted) };
    }

    /// <summary>The differences as text; null if both give the same answers.</summary>
    public string? DifferenceTo(JournalHeader present)
    {
        // The options are compared, not their hashes, because another version may compute the hash differently.
        string[] names = [.. Options.Keys.Union(present.Options.Keys).Where(name => Options.GetValueOrDefault(name) != present.Options.GetValueOrDefault(name))];
        return names.Length == 0
            ? null
            : string.Join("; ", names.Select(name => $"{name} was {Shown(Options.GetValueOrDefault(name))} and is {Shown(present.Options.GetValueOrDefault(name))}"));
    }

    private static string HashOf(SortedDictionary<string, string?> options) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(options.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Key}:{o.Value?.Length ?? -1}:{o.Value};"))))));

    private static string Shown(string? value)
    {
        const int most = 60;
        return value switch
        {
            null => "not given",
            _ => $"'{TerminalText.Cut(value, most)}'",
        };
    }
}
