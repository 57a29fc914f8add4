using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>The kind of a failure, for scripts. The module makes one error id of each.</summary>
public enum FailureKind
{
    /// <summary>The agent program was not found in any of the searched places.</summary>
    ExecutableNotFound,

    /// <summary>The agent program exists, but it cannot be run.</summary>
    ExecutableNotRunnable,

    /// <summary>The working directory does not exist. It is never replaced by another one.</summary>
    WorkingDirectoryNotFound,

    /// <summary>The working directory is there, but the user may not enter it.</summary>
    WorkingDirectoryNotAccessible,

    /// <summary>A variable for the agent cannot be one: its name or value would arrive as something else.</summary>
    EnvironmentInvalid,

    /// <summary>The variables, the host's included, are more than the system hands to a process.</summary>
    EnvironmentTooLarge,

    /// <summary>An MCP server has no name, command or address, or a variable that it needs is not set.</summary>
    McpServerInvalid,

    /// <summary>An argument of the agent's program would arrive as something else.</summary>
    ArgumentListInvalid,

    /// <summary>The arguments are more than the system hands to a process.</summary>
    ArgumentListTooLarge,

    /// <summary>The host has no file handles, processes or memory left to start an agent.</summary>
    ResourcesExhausted,

    /// <summary>The agent ended before it was ready.</summary>
    AgentStartFailed,

    /// <summary>The agent did not answer <c>initialize</c> or <c>session/new</c> in time.</summary>
    AgentStartTimedOut,

    /// <summary>Several starts in a row failed. The pool pauses before it tries again.</summary>
    AgentKeepsFailing,

    /// <summary>The agent is not signed in (JSON-RPC -32000).</summary>
    SignInRequired,

    /// <summary>The agent does not offer the requested agent (mode), or used another one instead.</summary>
    AgentNotFound,

    /// <summary>The agent does not offer the requested model, or used another one instead.</summary>
    ModelNotFound,

    /// <summary>The account is throttled.</summary>
    RateLimited,

    /// <summary>The quota of the account is used up.</summary>
    QuotaExceeded,

    /// <summary>No answer fitted the schema, though the agent was told what is wrong and asked again.</summary>
    InvalidOutput,

    /// <summary>What earlier prompts cost has reached the limit, so this one was never sent.</summary>
    BudgetExceeded,

    /// <summary>Another process holds the conversation.</summary>
    SessionLocked,

    /// <summary>No session has that name.</summary>
    SessionNotFound,

    /// <summary>A session with that name exists already.</summary>
    SessionExists,

    /// <summary>The session has another agent, model or working directory than requested.</summary>
    SessionMismatch,

    /// <summary>The session was removed.</summary>
    SessionRemoved,

    /// <summary>The conversation cannot be resumed.</summary>
    SessionLost,

    /// <summary>The session belongs to another pool.</summary>
    SessionFromElsewhere,

    /// <summary>Sessions that cannot be resumed elsewhere rest on every slot of the pool.</summary>
    PoolHeldBySessions,

    /// <summary>The agent answered with its own error.</summary>
    AgentError,

    /// <summary>The agent ended a turn as cancelled without a request to cancel it.</summary>
    CancelledByAgent,

    /// <summary>The agent ended, or its pipe broke, after the prompt was sent. It may have done the work or not.</summary>
    AgentDied,

    /// <summary>The agent violated the protocol.</summary>
    ProtocolViolation,

    /// <summary>The time limit of the prompt passed.</summary>
    PromptTimedOut,

    /// <summary>The agent was silent for too long during a turn.</summary>
    AgentSilent,

    /// <summary>The caller cancelled the prompt.</summary>
    PromptCancelled,

    /// <summary>The pool was stopped.</summary>
    PoolStopped,

    /// <summary>The protocol or the agent does not support the request.</summary>
    NotSupported,

    /// <summary>A far host cannot be reached now.</summary>
    HostUnreachable,

    /// <summary>A far host refuses the connection until its key, the user or the options change.</summary>
    HostRefused,

    /// <summary>The link to a far host was lost while an agent ran there.</summary>
    HostLost,
}

/// <summary>A failure of an agent or of the pool. <see cref="Kind"/> is stable. The message says what happened and what to change.</summary>
public class AgentException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The kind of failure.</param>
    /// <param name="message">What happened, the wrong value and the remedy. Text of an agent in it becomes harmless for a terminal.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public AgentException(FailureKind kind, string message, Exception? innerException = null)
        : base(TerminalText.Harmless(message), innerException) => Kind = kind;

    /// <summary>The kind of failure.</summary>
    public FailureKind Kind { get; }

    /// <summary>The remedy, if it differs between failures of one kind; null otherwise.</summary>
    public string? Advice { get; init; }

    /// <summary>The wrong value (a path, a model name), if there is one.</summary>
    public object? Value { get; init; }

    /// <summary>After a lost link: the time from which on nothing of the agent can be left on its host; null otherwise.</summary>
    public DateTimeOffset? FencedAt { get; init; }
}
