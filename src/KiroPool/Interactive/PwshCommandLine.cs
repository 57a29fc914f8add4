namespace KiroPool.Interactive;

/// <summary>The words with which pwsh was started, read as pwsh reads them: parameters can be shortened, and some take a value.</summary>
internal static class PwshCommandLine
{
    private const string NonInteractive = "noninteractive";

    // The shortest form that pwsh accepts, and another name.
    private static readonly (string Name, int Shortest, string Alias)[] WithValue =
    [
        ("configurationname", 6, ""), ("configurationfile", 14, ""), ("custompipename", 3, ""), ("encodedarguments", 8, "ea"), ("executionpolicy", 2, "ep"),
        ("inputformat", 3, "if"), ("outputformat", 1, "of"), ("settingsfile", 8, ""), ("windowstyle", 1, ""), ("workingdirectory", 2, "wd"),
    ];

    // What follows them belongs to the script.
    private static readonly (string Name, int Shortest, string Alias)[] Last =
        [("file", 1, ""), ("command", 1, ""), ("commandwithargs", 15, "cwa"), ("encodedcommand", 1, "ec")];

    /// <summary>Whether -NonInteractive is among the words.</summary>
    /// <param name="words">The words after the program.</param>
    public static bool IsNonInteractive(IReadOnlyList<string> words)
    {
        for (int at = 0; at < words.Count; at++)
        {
            if (NameOf(words[at]) is not { } name)
                return false;
            if (Fits(name, (NonInteractive, 4, "")))
                return true;
            if (Array.Exists(WithValue, parameter => Fits(name, parameter)))
                at++;
            else if (Array.Exists(Last, parameter => Fits(name, parameter)))
                return false;
        }

        return false;
    }

    /// <summary>The name of a parameter; null for another word, which is a script.</summary>
    private static string? NameOf(string word) =>
        word.Length > 1 && word[0] is '-' or '/' ? (word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word[1..]).ToLowerInvariant() : null;

    private static bool Fits(string name, (string Name, int Shortest, string Alias) parameter) =>
        (name.Length >= parameter.Shortest && parameter.Name.StartsWith(name, StringComparison.Ordinal)) || (name.Length > 0 && name == parameter.Alias);
}
