namespace KiroPool.Engine.Kiro;

/// <summary>
/// kiro-cli's v3 engine. All its errors have one code and are told apart by types; it takes and echoes any model; a cancel
/// that comes before the turn has begun is lost.
/// </summary>
internal sealed class KiroV3Dialect : AgentDialect
{
    /// <summary>Destroys the record of the session, too.</summary>
    public static CloseMethod Delete { get; } = new("_kiro/session/delete", Destroys: true);

    public static KiroV3Dialect Instance { get; } = new();

    public override KiroEngine? Engine => KiroEngine.V3;

    public override IReadOnlyList<CloseMethod> CloseMethods { get; } = [Delete];

    public override bool EchoProvesModel => false;

    public override bool HasUnlistedOptions => true;

    public override bool ConfirmsByOption => true;

    public override IReadOnlyList<TimeSpan> CancelAgainAfter { get; } = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

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
        return Is(type, "SessionNotFound") ? FailureKind.SessionLost
            : Is(type, "InvalidModel") || Is(type, "ModelNotFound") ? FailureKind.ModelNotFound
            : Is(type, "Token") || Is(type, "ExpiredToken") || Is(type, "InvalidToken") || Is(type, "Auth") || Is(type, "AccessDenied") || Is(type, "Unauthorized") || Is(type, "NotLoggedIn") ? FailureKind.SignInRequired
            : Is(type, "UsageLimit") || Is(type, "MonthlyLimit") || Is(type, "Quota") || Is(type, "ServiceQuota") || Is(type, "MonthlyRequest") ? FailureKind.QuotaExceeded

            // A used-up account is throttled, too, and no pause helps it.
            : error.RetryType == "THROTTLING" || Is(type, "Throttl") || Is(type, "RateLimit") || Is(type, "TooManyRequests") ? (KnownFailure.IsQuota(error.Text) ? FailureKind.QuotaExceeded : FailureKind.RateLimited)
            : null;
    }

    private static bool Is(string type, string start) => type.StartsWith(start, StringComparison.OrdinalIgnoreCase);
}
