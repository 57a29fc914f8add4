using System.Globalization;
using System.Net.Mail;
using System.Text.RegularExpressions;

namespace KiroPool.Engine.Agents;

/// <summary>The rules for a text in a form: its length, its format, its pattern.</summary>
internal static partial class TextRules
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a text; null if nothing is.</summary>
    public static string? Fault(FormField field, string text) =>
        field.InRange(text.EnumerateRunes().Count(), "The number of characters")?.Fault
        ?? FaultOfFormat(field.Format, text)
        ?? (Fits(field.Pattern, text) ? null : $"The text does not fit the pattern {field.Pattern}");

    private static string? FaultOfFormat(string? format, string text) => format switch
    {
        "email" when !(MailAddress.TryCreate(text, out MailAddress? mail) && mail.Address == text) => "An e-mail address is needed, such as name@example.com.",
        "uri" when !(Uri.TryCreate(text, UriKind.Absolute, out _) && Scheme().IsMatch(text)) => "An address is needed, such as https://example.com.",
        "date" when !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) => "A date is needed, such as 2026-01-31.",
        "date-time" when !(DateAndTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) => "A date and time with its zone is needed, such as 2026-01-31T08:30:00Z.",
        _ => null,
    };

    /// <summary>Whether a text fits. The pattern is the agent's, so it must not take for ever. One that cannot be checked so is left to the agent.</summary>
    private static bool Fits(string? pattern, string text)
    {
        if (pattern is null)
            return true;
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            return true;
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.\-]*:\S+\z")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateAndTime();
}
