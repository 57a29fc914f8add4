namespace KiroPool.Engine.Kiro;

/// <summary>
/// The behaviour that is particular to an agent: how its sessions are closed, what its names and errors mean. It is chosen
/// once for a connection, from the answer to <c>initialize</c>. All differences between the engines of kiro-cli are here and
/// in the derived types; the protocol code does not ask which engine it talks to.
/// </summary>
internal abstract class AgentDialect
{
    /// <summary>Chooses the dialect of an agent.</summary>
    /// <param name="saysKiro">Whether the capabilities have a <c>_meta.kiro</c>, which only V3 sends.</param>
    /// <param name="name">The name in <c>agentInfo</c>; null for V3, which sends none.</param>
    /// <param name="executable">The program; its name decides only if the agent does not identify itself.</param>
    /// <param name="started">The engine that was requested on the command line.</param>
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

    /// <summary>Whether the agent silently leaves out MCP servers of a session that are processes.</summary>
    public virtual bool IgnoresStdioServers => IsKiro;

    /// <summary>The engine of kiro-cli that answers; null for other agents.</summary>
    public virtual KiroEngine? Engine => null;

    /// <summary>The methods that close a session where <c>session/close</c> is not offered, in order of preference.</summary>
    public virtual IReadOnlyList<CloseMethod> CloseMethods => [];

    /// <summary>Whether a model that the agent reports as current certainly exists. Otherwise only a list of models proves it.</summary>
    public virtual bool EchoProvesModel => true;

    /// <summary>Whether the options <c>mode</c> and <c>model</c> exist even if the agent does not list them.</summary>
    public virtual bool HasUnlistedOptions => false;

    /// <summary>Whether the option <c>mode</c> is preferred to <c>session/set_mode</c>, because its answer reports the mode in force.</summary>
    public virtual bool ConfirmsByOption => false;

    /// <summary>The delays after which a cancel is repeated, each from the one before. It is also repeated when the turn begins.</summary>
    public virtual IReadOnlyList<TimeSpan> CancelAgainAfter => [];

    /// <summary>The method that reports the use of the account's quota; null if there is none.</summary>
    public virtual string? UsageMethod => null;

    /// <summary>The name that this engine has for an agent (mode) of another engine.</summary>
    public virtual string AgentName(string asked) => asked;

    /// <summary>The id of a permission option of a kind, for agents that send no kinds.</summary>
    public virtual string OptionId(string kind) => kind;

    /// <summary>The kind of failure that an error means.</summary>
    public FailureKind Classify(in AgentError error) =>
        OfType(error)
        ?? OfStatus(error)
        ?? KnownFailure.Of(error.Text)
        ?? (error is { Code: AgentError.AuthenticationRequired, Type: null, RetryType: null } ? FailureKind.SignInRequired : FailureKind.AgentError);

    /// <summary>The kind of failure by the type of an error; null if the type does not decide it.</summary>
    protected virtual FailureKind? OfType(in AgentError error) => null;

    private static FailureKind? OfStatus(in AgentError error) => error.Status switch
    {
        // 529 is "overloaded", which model services use like 429.
        429 or 529 => KnownFailure.IsQuota(error.Text) ? FailureKind.QuotaExceeded : FailureKind.RateLimited,
        401 => FailureKind.SignInRequired,
        _ => null,
    };
}

/// <summary>A method that ends a session.</summary>
/// <param name="Name">The method.</param>
/// <param name="Destroys">Whether the session cannot be loaded afterwards. Such a method is only for the sessions of stand-alone prompts.</param>
internal sealed record CloseMethod(string Name, bool Destroys);

/// <summary>An agent without known particularities.</summary>
internal sealed class StandardDialect : AgentDialect
{
    public static StandardDialect Instance { get; } = new();

    public override bool IsKiro => false;
}
