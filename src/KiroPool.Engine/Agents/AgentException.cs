using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>What went wrong, in the words scripts can test. The module makes one error id of each.</summary>
public enum FailureKind
{
    /// <summary>The agent program was not found in any of the places searched.</summary>
    ExecutableNotFound,

    /// <summary>The agent program is there, but it may not or cannot be run.</summary>
    ExecutableNotRunnable,

    /// <summary>The working directory does not exist. It is never replaced by another one.</summary>
    WorkingDirectoryNotFound,

    /// <summary>The agent ended before it was ready.</summary>
    AgentStartFailed,

    /// <summary>The agent did not answer <c>initialize</c> or <c>session/new</c> in time.</summary>
    AgentStartTimedOut,

    /// <summary>Starts failed several times in a row; the pool waits before it tries again.</summary>
    AgentKeepsFailing,

    /// <summary>The agent wants its user to sign in (JSON-RPC -32000).</summary>
    SignInRequired,

    /// <summary>The agent does not offer the agent (mode) that was asked for, or fell back to another one.</summary>
    AgentNotFound,

    /// <summary>The agent does not offer the model that was asked for, or fell back to another one.</summary>
    ModelNotFound,

    /// <summary>The account is being throttled.</summary>
    RateLimited,

    /// <summary>The account's quota is used up.</summary>
    QuotaExceeded,

    /// <summary>The conversation is held by another process.</summary>
    SessionLocked,

    /// <summary>There is no session of that name.</summary>
    SessionNotFound,

    /// <summary>There is a session of that name already.</summary>
    SessionExists,

    /// <summary>The session has another agent, model or working directory than was asked for.</summary>
    SessionMismatch,

    /// <summary>The session was removed.</summary>
    SessionRemoved,

    /// <summary>The conversation cannot be taken up again.</summary>
    SessionLost,

    /// <summary>The session belongs to another pool.</summary>
    SessionFromElsewhere,

    /// <summary>Sessions that cannot be resumed elsewhere rest on every slot of the pool.</summary>
    PoolHeldBySessions,

    /// <summary>The agent answered with an error of its own.</summary>
    AgentError,

    /// <summary>The agent ended a turn as cancelled although nobody asked for that.</summary>
    CancelledByAgent,

    /// <summary>The agent ended, or its pipe broke, after the prompt was sent: whether it did the work is unknown.</summary>
    AgentDied,

    /// <summary>The agent did not keep to the protocol.</summary>
    ProtocolViolation,

    /// <summary>The prompt's own time limit passed.</summary>
    PromptTimedOut,

    /// <summary>The agent sent nothing for too long during a turn.</summary>
    AgentSilent,

    /// <summary>The caller cancelled the prompt.</summary>
    PromptCancelled,

    /// <summary>The pool was stopped.</summary>
    PoolStopped,

    /// <summary>The protocol or the agent cannot do what was asked.</summary>
    NotSupported,
}

/// <summary>A failure of an agent or of the pool. <see cref="Kind"/> is stable; the message says what happened and what to change.</summary>
public class AgentException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">What happened, the value in question and the remedy. An agent's words in it become harmless for a terminal.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public AgentException(FailureKind kind, string message, Exception? innerException = null)
        : base(TerminalText.Harmless(message), innerException) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public FailureKind Kind { get; }

    /// <summary>The value the failure is about (a path, a model name), when there is one.</summary>
    public object? Value { get; init; }
}
