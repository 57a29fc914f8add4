namespace KiroPool;

/// <summary>How a prompt ended. Every prompt ends in exactly one of these.</summary>
public enum PromptOutcome
{
    /// <summary>The agent answered; <see cref="PromptResult.StopReason"/> says why it stopped.</summary>
    Completed,

    /// <summary>The prompt failed, or never reached an agent.</summary>
    Failed,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>A time limit passed.</summary>
    TimedOut,

    /// <summary>It was sent, and the agent died before it answered: what the agent did is unknown.</summary>
    Indeterminate,
}
