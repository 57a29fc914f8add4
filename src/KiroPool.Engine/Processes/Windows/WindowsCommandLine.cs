using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>Windows hands a program one string, and variables as one block; these are their forms.</summary>
internal static class WindowsCommandLine
{
    /// <summary>The longest command line that CreateProcess takes, the zero at its end included.</summary>
    public const int MostCharacters = 32_767;

    /// <summary>The command line that the C runtime of a program splits into exactly these arguments.</summary>
    public static string Of(string program, IEnumerable<string> arguments)
    {
        // The first word has its own rule: it ends at the next quote, and backslashes mean nothing.
        var line = new StringBuilder().Append('"').Append(program).Append('"');
        foreach (string argument in arguments)
            Append(line.Append(' '), argument, always: false);
        return line.ToString();
    }

    /// <summary>Appends one argument, in quotes where they are necessary.</summary>
    public static void Append(StringBuilder line, string argument, bool always)
    {
        if (!always && argument.Length > 0 && argument.AsSpan().IndexOfAny(" \t\n\v\"") < 0)
        {
            line.Append(argument);
            return;
        }

        line.Append('"');
        int backslashes = 0;
        foreach (char c in argument)
        {
            // Backslashes count only before a quote: there each is written twice.
            if (c == '"')
                line.Append('\\', backslashes + 1);
            backslashes = c == '\\' ? backslashes + 1 : 0;
            line.Append(c);
        }

        line.Append('\\', backslashes).Append('"');
    }

    /// <summary>Each variable with a zero behind it, in the order that Windows expects, and a zero at the end.</summary>
    public static string EnvironmentBlock(IEnumerable<KeyValuePair<string, string?>> variables)
    {
        var block = new StringBuilder();
        foreach ((string name, string? value) in variables.Where(variable => variable.Value is not null).OrderBy(variable => variable.Key, StringComparer.OrdinalIgnoreCase))
            block.Append(name).Append('=').Append(value).Append('\0');
        if (block.Length == 0)
            block.Append('\0');
        return block.Append('\0').ToString();
    }
}
