using System.Text.RegularExpressions;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// kiro-cli's engine V3: all errors have one code and differ by type, any model is accepted and echoed, and a cancel before
/// the start of the turn is lost.
/// </summary>
internal sealed partial class KiroV3Dialect : AgentDialect
{
    /// <summary>Also deletes the stored session.</summary>
    public static CloseMethod Delete { get; } = new("_kiro/session/delete", Destroys: true);

    public static KiroV3Dialect Instance { get; } = new();

    public override KiroEngine? Engine => KiroEngine.V3;

    public override IReadOnlyList<CloseMethod> CloseMethods { get; } = [Delete];

    public override bool EchoProvesModel => false;

    public override bool HasUnlistedOptions => true;

    public override bool ConfirmsByOption => true;

    public override IReadOnlyList<TimeSpan> CancelAgainAfter { get; } = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

    public override string UsageMethod => "_kiro/account/getUsage";

    public override string AgentName(string asked) => asked switch
    {
        "kiro_default" => "vibe",
        "kiro_planner" => "plan",
        _ => asked,
    };

    public override string OptionId(string kind) => kind switch
    {
        "allow_once" => "accept",
        "allow_always" => "always-accept",
        "reject_once" => "reject",
        "reject_always" => "always-reject",
        _ => kind,
    };

    protected override FailureKind? OfType(in AgentError error)
    {
        string type = error.Type ?? "";
        return Session().IsMatch(type) ? FailureKind.SessionLost
            : Model().IsMatch(type) ? FailureKind.ModelNotFound
            : SignIn().IsMatch(type) ? FailureKind.SignInRequired
            : Quota().IsMatch(type) ? FailureKind.QuotaExceeded

            // A used-up quota is reported as throttling too, but no pause helps.
            : error.RetryType == "THROTTLING" || Throttling().IsMatch(type) ? (KnownFailure.IsQuota(error.Text) ? FailureKind.QuotaExceeded : FailureKind.RateLimited)
            : null;
    }

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture;

    [GeneratedRegex("^(Session(NotFound|DoesNotExist)|UnknownSession)", Options)]
    private static partial Regex Session();

    [GeneratedRegex("^(InvalidModel|UnknownModel|ModelNotFound|ModelNotAvailable)", Options)]
    private static partial Regex Model();

    // A token of the account, not one of the context window.
    [GeneratedRegex("^((Access|Auth|Bearer|Refresh)?Token(Expired|Invalid|Missing|NotFound|Refresh|Required|Revoked)|(Expired|Invalid|Missing|NoAccess|Revoked)(Access|Auth|Bearer)?Token|Auth|AccessDenied|Unauth|NotAuthenticated|NotLoggedIn|NotSignedIn|LoginRequired|SignInRequired|(Expired|Invalid|Missing)?Credential)", Options)]
    private static partial Regex SignIn();

    [GeneratedRegex("^(UsageLimit|(Monthly|Daily|Weekly)(Limit|Request|Usage)|(Service)?Quota|CreditLimit|(Insufficient|OutOf)Credit|InsufficientQuota|Overage)", Options)]
    private static partial Regex Quota();

    [GeneratedRegex("^(Throttl|RateLimit|TooManyRequests|InsufficientModelCapacity|Overloaded)", Options)]
    private static partial Regex Throttling();
}
