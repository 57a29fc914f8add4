namespace KiroPool.Engine.Agents;

/// <summary>
/// Which tools an agent may use. What nothing here allows is rejected, this once, and the turn goes on without it. Asked
/// in this order: <see cref="TrustAllTools"/>, <see cref="TrustTools"/>, what was allowed always in this session, and
/// then <see cref="Handler"/>.
/// </summary>
public sealed record PermissionPolicy
{
    /// <summary>Rejects everything.</summary>
    public static PermissionPolicy None { get; } = new();

    /// <summary>Allows everything.</summary>
    public bool TrustAllTools { get; init; }

    /// <summary>
    /// Patterns of tools that are allowed, in the words of kiro-cli's <c>--trust-tools</c>: <c>read</c>, <c>write</c>,
    /// <c>shell</c>, <c>@git/status</c>, <c>@git/*</c>, <c>@git</c> (all of a server), <c>*</c>. ACP's kinds (<c>edit</c>,
    /// <c>execute</c>, …) count as names too. Compared without regard to case.
    /// </summary>
    public IReadOnlyList<string> TrustTools { get; init; } = [];

    /// <summary>
    /// Asked when nothing else decides; null for nobody. Runs on a pool thread, for several questions at a time if the
    /// agent asks so. An exception, and no answer within <see cref="HandlerTimeout"/>, mean Reject. The token is cancelled
    /// when the answer is not wanted any more.
    /// </summary>
    public Func<PermissionRequest, CancellationToken, Task<PermissionDecision>>? Handler { get; init; }

    /// <summary>How long <see cref="Handler"/> may take; zero for no limit. Default 300 s.</summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromSeconds(300);
}
