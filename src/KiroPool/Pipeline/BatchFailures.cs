namespace KiroPool.Pipeline;

/// <summary>The failures of one invocation, and whether they end it.</summary>
/// <param name="most">How many failures end it; 0 if no number does.</param>
internal sealed class BatchFailures(int most)
{
    private volatile bool _anySent;
    private volatile bool _isCommon;
    private int _count;
    private int _written;

    /// <summary>Whether no further prompt needs to run: every prompt fails, or too many have failed.</summary>
    public bool IsOver => _isCommon || (most > 0 && Volatile.Read(ref _count) >= most);

    /// <summary>Notes that an agent got a prompt, so that agents can start.</summary>
    public void Sent() => _anySent = true;

    /// <summary>Counts a failure when it happens, because prompts that wait may start before its error is written.</summary>
    public void Count() => Interlocked.Increment(ref _count);

    /// <summary>Notes, on the pipeline thread, that the error of a failure was written; returns whether it ends the invocation.</summary>
    public bool Written() => ++_written == most;

    /// <summary>
    /// Whether every other prompt has this failure too: nothing about a prompt causes it, and no other prompt can succeed.
    /// It ends the invocation with one error, instead of one for each input.
    /// </summary>
    /// <param name="failure">The failure of one prompt.</param>
    /// <param name="isOwnSpec">Whether the prompt named its own agent, model or directory, so that others may do better.</param>
    public bool IsCommon(AgentException failure, bool isOwnSpec)
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
            _isCommon = true;
        return isCommon;
    }
}
