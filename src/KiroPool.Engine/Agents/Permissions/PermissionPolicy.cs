namespace KiroPool.Engine.Agents;

/// <summary>
/// The tools that an agent may use. Any other tool is rejected this once, and the turn goes on without it. The order is
/// <see cref="TrustAllTools"/>, <see cref="TrustTools"/>, the tools allowed always in this session, and then
/// <see cref="Handler"/>.
/// </summary>
public sealed record PermissionPolicy
{
    /// <summary>Rejects every tool.</summary>
    public static PermissionPolicy None { get; } = new();

    /// <summary>Allows every tool.</summary>
    public bool TrustAllTools { get; init; }

    /// <summary>
    /// Patterns of allowed tools, as in kiro-cli's <c>--trust-tools</c>: <c>read</c>, <c>write</c>,
    /// <c>shell</c>, <c>@git/status</c>, <c>@git/*</c>, <c>@git</c> (all of a server), <c>*</c>. ACP's kinds (<c>edit</c>,
    /// <c>execute</c>, …) count as names too. Compared without regard to case.
    /// </summary>
    public IReadOnlyList<string> TrustTools { get; init; } = [];

    /// <summary>
    /// Decides if no other rule does; null for no handler. Runs on a thread-pool thread, for several questions at a time if
    /// the agent asks so. An exception, or no answer within <see cref="HandlerTimeout"/>, means Reject. The token is
    /// cancelled when the answer is no longer needed.
    /// </summary>
    public Func<PermissionRequest, CancellationToken, Task<PermissionDecision>>? Handler { get; init; }

    /// <summary>The time limit of <see cref="Handler"/>; zero for no limit. Default 300 s.</summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Checks the limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the property, its value and its range.</exception>
    internal void Validate()
    {
        if (HandlerTimeout > LimitTimer.Longest)
            throw new ArgumentOutOfRangeException(nameof(HandlerTimeout), HandlerTimeout, $"HandlerTimeout must be at most {LimitTimer.Longest.Days} days (0 is none), but is {HandlerTimeout}.");
    }
}
