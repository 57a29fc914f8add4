namespace KiroPool;

/// <summary>The outcome of a prompt. Every prompt has exactly one.</summary>
public enum PromptOutcome
{
    /// <summary>The agent answered. <see cref="PromptResult.StopReason"/> says why it stopped.</summary>
    Completed,

    /// <summary>The prompt failed, or never reached an agent.</summary>
    Failed,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>A time limit passed.</summary>
    TimedOut,

    /// <summary>The prompt was sent, and the agent died before it answered. It may have done the work or not.</summary>
    Indeterminate,
}
