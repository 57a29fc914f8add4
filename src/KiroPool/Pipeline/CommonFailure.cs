namespace KiroPool.Pipeline;

/// <summary>
/// Recognises the failure that every prompt of an invocation has: nothing about a prompt causes it, and no other prompt
/// can succeed. It ends the invocation with one error, instead of one for each input.
/// </summary>
internal sealed class CommonFailure
{
    private volatile bool _anySent;
    private volatile bool _happened;

    /// <summary>Whether such a failure has happened. No further prompt needs to run.</summary>
    public bool HasHappened => _happened;

    /// <summary>Notes that an agent got a prompt, so that agents can start.</summary>
    public void Sent() => _anySent = true;

    /// <summary>Whether every other prompt has this failure too.</summary>
    /// <param name="failure">The failure of one prompt.</param>
    /// <param name="isOwnSpec">Whether the prompt named its own agent, model or directory, so that others may do better.</param>
    public bool Includes(AgentException failure, bool isOwnSpec)
    {
        bool isCommon = failure.Kind switch
        {
            FailureKind.SignInRequired or FailureKind.QuotaExceeded => true,
            FailureKind.ExecutableNotFound or FailureKind.ExecutableNotRunnable => true,
            FailureKind.EnvironmentInvalid or FailureKind.EnvironmentTooLarge or FailureKind.ArgumentListInvalid or FailureKind.ArgumentListTooLarge => true,
            FailureKind.WorkingDirectoryNotFound or FailureKind.WorkingDirectoryNotAccessible => !isOwnSpec,
            FailureKind.AgentNotFound or FailureKind.ModelNotFound => !isOwnSpec,

            // While agents serve other prompts, these may pass.
            FailureKind.AgentStartFailed or FailureKind.AgentKeepsFailing or FailureKind.ResourcesExhausted or FailureKind.PoolStopped => !_anySent,
            FailureKind.SessionLost or FailureKind.SessionLocked or FailureKind.SessionRemoved => !_anySent,
            _ => false,
        };
        if (isCommon)
            _happened = true;
        return isCommon;
    }
}
