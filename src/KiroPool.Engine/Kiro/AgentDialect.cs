namespace KiroPool.Engine.Kiro;

/// <summary>
/// What an agent does in a way of its own: how its sessions are ended, what names mean, which errors it has. Chosen once
/// for a connection, from what the agent says of itself in <c>initialize</c>. Everything that differs between the engines
/// of kiro-cli is here and in the types derived from this; the protocol does not ask which one it talks to.
/// </summary>
internal abstract class AgentDialect
{
    /// <summary>Chooses it.</summary>
    /// <param name="saysKiro">The capabilities have a <c>_meta.kiro</c>: only v3 has that.</param>
    /// <param name="name">The name in <c>agentInfo</c>; v3 says none.</param>
    /// <param name="executable">The program, which is only looked at when the agent says nothing of itself.</param>
    /// <param name="started">The engine that was asked for on the command line.</param>
    public static AgentDialect Of(bool saysKiro, string? name, string executable, KiroEngine? started)
    {
        if (saysKiro)
            return KiroV3Dialect.Instance;
        if (name is not null)
            return name.Contains("kiro", StringComparison.OrdinalIgnoreCase) ? KiroV2Dialect.Instance : StandardDialect.Instance;
        return !KiroCliLocator.IsKiroCli(executable) ? StandardDialect.Instance
            : started == KiroEngine.V3 ? KiroV3Dialect.Instance
            : KiroV2Dialect.Instance;
    }

    /// <summary>Whether the agent is kiro-cli.</summary>
    public virtual bool IsKiro => true;

    /// <summary>The engine of kiro-cli that answers; null for other agents.</summary>
    public virtual KiroEngine? Engine => null;

    /// <summary>How a session is ended where <c>session/close</c> is not offered, in the order to try.</summary>
    public virtual IReadOnlyList<CloseMethod> CloseMethods => [];

    /// <summary>Whether a model the agent names as the current one is certainly one it has. Else only a list of models proves it.</summary>
    public virtual bool EchoProvesModel => true;

    /// <summary>Whether the options of agent and model are known by these names, though none is listed.</summary>
    public virtual bool HasUnlistedOptions => false;

    /// <summary>Whether an agent is better set by its option, whose answer says what is in force, than by <c>session/set_mode</c>.</summary>
    public virtual bool ConfirmsByOption => false;

    /// <summary>How long after a cancel it is said again, each time from the one before. It is said once more when the turn begins.</summary>
    public virtual IReadOnlyList<TimeSpan> CancelAgainAfter => [];

    /// <summary>What the agent calls an agent (mode) that is known by another name elsewhere.</summary>
    public virtual string AgentName(string asked) => asked;

    /// <summary>The id of a permission's option of a kind, where the agent leaves the kinds out.</summary>
    public virtual string OptionId(string kind) => kind;

    /// <summary>What an error means.</summary>
    public FailureKind Classify(in AgentError error) =>
        OfType(error)
        ?? OfStatus(error)
        ?? KnownFailure.Of(error.Text)
        ?? (error is { Code: AgentError.AuthenticationRequired, Type: null } ? FailureKind.SignInRequired : FailureKind.AgentError);

    /// <summary>What the types the agent gives its errors mean; null where they decide nothing.</summary>
    protected virtual FailureKind? OfType(in AgentError error) => null;

    private static FailureKind? OfStatus(in AgentError error) => error.Status switch
    {
        // 529 is "overloaded", by which the services of models mean the same.
        429 or 529 => KnownFailure.IsQuota(error.Text) ? FailureKind.QuotaExceeded : FailureKind.RateLimited,
        401 => FailureKind.SignInRequired,
        _ => null,
    };
}

/// <summary>A method that ends a session.</summary>
/// <param name="Name">The method.</param>
/// <param name="Destroys">Whether the session cannot be loaded again after it: such a method is only for sessions that are thrown away.</param>
internal sealed record CloseMethod(string Name, bool Destroys);

/// <summary>An agent that keeps to the standard, as far as is known.</summary>
internal sealed class StandardDialect : AgentDialect
{
    public static StandardDialect Instance { get; } = new();

    public override bool IsKiro => false;
}
