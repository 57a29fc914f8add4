using System.Globalization;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// The line that kiro-cli writes to stderr after a turn: <c>▸ Credits: 0.05 • Time: 2s</c>. In plain text it is the only
/// proof that a turn has run.
/// </summary>
/// <param name="Credits">The cost of the turn.</param>
/// <param name="Time">The duration, if it is given.</param>
internal sealed partial record KiroFooter(decimal Credits, TimeSpan? Time)
{
    /// <summary>The last footer in a text without control codes; null if there is none. An earlier one may be a tool's output.</summary>
    public static KiroFooter? Find(string text)
    {
        foreach (string line in Enumerable.Reverse(text.Split('\n')))
        {
            if (Line().Match(line.TrimEnd()) is not { Success: true } match)
                continue;
            TimeSpan? time = match.Groups["time"] is { Success: true } group ? ReadTime(group.Value) : null;
            return new KiroFooter(decimal.Parse(match.Groups["credits"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), time);
        }

        return null;
    }

    private static TimeSpan? ReadTime(string text)
    {
        double seconds = 0;
        foreach (Match part in TimePart().Matches(text))
        {
            double number = double.Parse(part.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            seconds += number * part.Groups["unit"].Value switch { "h" => 3600, "m" => 60, "s" => 1, _ => 0.001 };
        }

        // No turn lasts a day or longer.
        return seconds is > 0 and < 86_400 ? TimeSpan.FromSeconds(seconds) : null;
    }

    [GeneratedRegex(@"^\W*Credits:\s*(?<credits>\d{1,9}(\.\d{1,9})?)(\W+Time:\s*(?<time>\d.*))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<number>\d{1,9}(\.\d{1,9})?)[ \t]*(?<unit>ms|h|m|s)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TimePart();
}
