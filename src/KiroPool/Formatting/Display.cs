using System.Globalization;
using KiroPool.Engine.Agents;

namespace KiroPool.Formatting;

/// <summary>Texts for the views of KiroPool.Format.ps1xml. Public only for them. Text of an agent is shown harmless.</summary>
/// <remarks>Accepts PSObjects too, because results from a job or a file are copies of their properties.</remarks>
public static class Display
{
    private const int MostLookedAt = 16 * 1024;

    /// <summary>A time span in a short form: 12 ms, 3.4 s, 5 min 12 s.</summary>
    /// <param name="time">A time span, or null.</param>
    public static string Time(TimeSpan? time) => time switch
    {
        null => "",
        // At each limit the rounded number would need one more digit.
        { TotalMilliseconds: < 999.5 } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 59.95 } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.0} s"),
        { } t => LongTime(TimeSpan.FromSeconds(Math.Round(t.TotalSeconds))),
    };

    /// <summary>Bytes in the largest unit with a non-zero integer part: 340 MB.</summary>
    /// <param name="bytes">A number of bytes, or null.</param>
    public static string Size(long? bytes) => bytes switch
    {
        null => "",
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    /// <summary>A text with its colours and without other control sequences.</summary>
    /// <param name="text">Any text, or null.</param>
    public static string Text(string? text) => TerminalText.Harmless(text, keepColours: true);

    /// <summary>The first words of a text on one line, without colours.</summary>
    /// <param name="text">Any text, or null.</param>
    /// <param name="length">The largest number of characters.</param>
    public static string Line(string? text, int length)
    {
        // Only the visible part of a long answer is processed, plus a sequence that the cut would split.
        string start = text is { Length: > MostLookedAt } ? text[..TerminalText.CutAt(text, MostLookedAt)] : text ?? "";
        string line = string.Join(' ', TerminalText.Harmless(start).Split((char[]?)null, length + 1, StringSplitOptions.RemoveEmptyEntries));
        return TerminalText.Cut(line, length);
    }

    /// <summary>A cost in credits, with the noun in its right number.</summary>
    internal static string Credits(decimal credits, CultureInfo culture) => string.Create(culture, $"{credits:0.####} {(credits == 1 ? "credit" : "credits")}");

    private static string LongTime(TimeSpan time) => time.TotalHours < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");
}
