using System.Text.RegularExpressions;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// The phrases that identify failures without a code or type. A phrase counts only at the start of a line or after a word
/// such as <c>error:</c>. Elsewhere the same words are about something else, such as a file named <c>throttle.ts</c> or the
/// quota of a disk.
/// </summary>
internal static partial class KnownFailure
{
    // The phrases come at the start of an error.
    private const int Longest = 8192;

    /// <summary>The failure in a text; null if there is no known phrase.</summary>
    public static FailureKind? Of(string text)
    {
        text = text.Length <= Longest ? text : text[..Longest];
        return OfAccount(text)
            ?? (Locked().IsMatch(text) ? FailureKind.SessionLocked
            : NoSession().IsMatch(text) ? FailureKind.SessionLost
            : NoModel().IsMatch(text) ? FailureKind.ModelNotFound
            : null);
    }

    /// <summary>The failure of the account in a text, if there is one.</summary>
    public static FailureKind? OfAccount(string text) =>
        IsQuota(text) ? FailureKind.QuotaExceeded
        : Throttled().IsMatch(text) ? FailureKind.RateLimited
        : SignedOut().IsMatch(text) ? FailureKind.SignInRequired
        : null;

    /// <summary>Whether the quota of the account is used up.</summary>
    public static bool IsQuota(string text) => Quota().IsMatch(text);

    /// <summary>Whether kiro-cli waits for a sign-in in a browser.</summary>
    public static bool IsDeviceLogin(string line) => line.Contains("Confirm the following code", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the text of an error means an unknown method, whatever its code.</summary>
    public static bool IsUnknownMethod(string text) => UnknownMethod().IsMatch(text);

    /// <summary>Whether a text says that the requested agent or model was not found or was replaced, and which of them.</summary>
    public static FailureKind? OfName(string text, AgentSpec spec)
    {
        foreach (string line in text.Split('\n'))
        {
            if (Names(line, spec.Model) && Contains(line, "model") && SaysMissing(line))
                return FailureKind.ModelNotFound;
            if (Names(line, spec.Agent) && Contains(line, "agent") && SaysMissing(line))
                return FailureKind.AgentNotFound;
        }

        return null;
    }

    private static bool Names(string line, string? name) => name is not null && line.Contains(name, StringComparison.OrdinalIgnoreCase);

    private static bool SaysMissing(string line) => Contains(line, "not found", "does not exist", "no agent with name", "not available", "unknown model", "invalid model", "falling back");

    private static bool Contains(string text, params ReadOnlySpan<string> parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // The start of a line with a usual prefix: a mark, "error:", "Internal error:", or the name of an exception.
    private const string Start = @"^[^\w\n]{0,8}((\w[\w.]*[ \t]){0,3}\w*(error|exception|warning)( \w+)?( \([^)\n]{0,40}\))?:[ \t]*|something went wrong:[ \t]*|\[?\w{1,60}(error|exception)\][ \t]*)*";

    // The end of a word that is not part of a name or path.
    private const string End = @"(?![\w/\\-])(?!\.\w)";

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture;

    [GeneratedRegex(Start + "(too many requests|((http|status|status code|error) )?429( |:|,|$)|(http |status )?529( |:|,|$)|(the |your |this )?(api )?rate[ _-]limit(s)?( has been| was| is)? (exceeded|reached|hit)|rate[ _]limit(ed|_error)|you('ve| have| are being| were| are)( been)? (rate[ -]limited|throttled)|(the |your )?request(s)? (was|were|is|are|has been|have been)( being)? (throttled|rate[ -]limited)|throttl(ed|ing)(?=[ \\t]*([.:,!(]|$))|throttlingexception|throttlingerror|overloaded(_error)?|(the )?(service|model|api) is (overloaded|throttling|being throttled))" + End, Options)]
    private static partial Regex Throttled();

    [GeneratedRegex(Start + "((the |your )?(monthly |daily |weekly )?(request|usage|credit)s? (limit|quota) (has been |was |is )?(reached|exceeded|used up)|you('ve| have)( already)? (reached|exceeded|hit|used up)( all)?( of)? (your|the)( current)?( monthly| daily| weekly| free)?( usage| request| credit)s? (limit|quota|credits)|you('ve| have)( already)? (reached|exceeded|hit|used up) your( current)?( monthly)? quota|you exceeded your current quota|insufficient[_ ]quota|(your |account )?quota (has been )?exceeded|servicequotaexceeded(exception)?|usage limit exceeded)" + End, Options)]
    private static partial Regex Quota();

    [GeneratedRegex(Start + "((you are |you're |user is )?not logged in|not signed in|you are not signed in|please (log|sign) in( first)?|(you must |you need to )?(log|sign) in first|(your |the )?api key (has |is )?(expired|invalid)|(expired|invalid) api key|(your |the )?(access |bearer |auth |refresh )?token (has |is )?(expired|invalid)|(the )?bearer token included in the request is invalid|authentication (failed|required)|(401 )?unauthorized(?=[ \\t]*([.:,!(]|$))|access denied\\. please check your authentication|failed to refresh (the |your )?(access |auth )?token)" + End, Options)]
    private static partial Regex SignedOut();

    [GeneratedRegex(Start + "(the )?session( \\S{1,80})? is (already )?active in another process" + End, Options)]
    private static partial Regex Locked();

    [GeneratedRegex(Start + """((the )?session ['"]?[\w-]{1,80}['"]? (was )?(not found|does not exist)|session not found|unknown session)""" + End, Options)]
    private static partial Regex NoSession();

    [GeneratedRegex(Start + """(the )?model ['"][^'"\n]{1,100}['"] is not available""" + End, Options)]
    private static partial Regex NoModel();

    [GeneratedRegex(Start + """("?method not found"?|unknown (ext )?method|(\[persistenceclassification\] )?ext method \S+ has no persistence classification)""", Options)]
    private static partial Regex UnknownMethod();
}
