using System.Text;

namespace KiroPool.Interactive;

/// <summary>Breaks long lines between words, where a terminal would break them anywhere.</summary>
internal static class WordWrap
{
    /// <summary>The text with its long lines broken. A word that is longer than a line stays whole.</summary>
    /// <param name="text">Text without control sequences.</param>
    /// <param name="width">Columns of a line.</param>
    /// <param name="cells">The width of a text in columns.</param>
    public static string At(string text, int width, Func<string, int> cells)
    {
        if (cells(text) < width)
            return text;
        var wrapped = new StringBuilder();
        string[] lines = text.Split('\n');
        for (int at = 0; at < lines.Length; at++)
            Append(wrapped.Append(at == 0 ? "" : "\n"), lines[at], width, cells);
        return wrapped.ToString();
    }

    private static void Append(StringBuilder wrapped, string line, int width, Func<string, int> cells)
    {
        // The last column stays free: some terminals break there already.
        string indent = line[..(line.Length - line.TrimStart(' ').Length)];
        string[] words = line[indent.Length..].Split(' ');
        wrapped.Append(indent).Append(words[0]);
        int used = indent.Length + cells(words[0]);
        foreach (string word in words.Skip(1))
        {
            int wide = cells(word);
            bool fits = used + 1 + wide < width;
            wrapped.Append(fits ? " " : "\n" + indent).Append(word);
            used = wide + (fits ? used + 1 : indent.Length);
        }
    }
}
