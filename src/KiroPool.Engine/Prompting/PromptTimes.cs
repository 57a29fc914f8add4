namespace KiroPool;

/// <summary>The times of a prompt.</summary>
public sealed record PromptTimes
{
    internal static PromptTimes None { get; } = new();

    /// <summary>From being queued to the outcome.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The part of <see cref="Duration"/> spent waiting for an agent, including its start.</summary>
    public TimeSpan QueuedFor { get; init; }

    /// <summary>The part of <see cref="Duration"/> spent waiting for a new session of the agent.</summary>
    public TimeSpan SessionWait { get; init; }

    /// <summary>From sending the prompt to the first text of the answer; null without text.</summary>
    public TimeSpan? TimeToFirstText { get; init; }

    /// <summary>The duration of the turn as the agent reports it, if it does.</summary>
    public TimeSpan? AgentDuration { get; init; }
}

/// <summary>The times of a result as time spans. They are no properties of the result itself, because its JSON would have fifteen members for each.</summary>
public static class PromptResultTimes
{
    /// <param name="result">The result.</param>
    extension(PromptResult result)
    {
        /// <inheritdoc cref="PromptTimes.Duration"/>
        public TimeSpan Duration => result.GetTimes().Duration;

        /// <inheritdoc cref="PromptTimes.QueuedFor"/>
        public TimeSpan QueuedFor => result.GetTimes().QueuedFor;

        /// <inheritdoc cref="PromptTimes.SessionWait"/>
        public TimeSpan SessionWait => result.GetTimes().SessionWait;

        /// <inheritdoc cref="PromptTimes.TimeToFirstText"/>
        public TimeSpan? TimeToFirstText => result.GetTimes().TimeToFirstText;

        /// <inheritdoc cref="PromptTimes.AgentDuration"/>
        public TimeSpan? AgentDuration => result.GetTimes().AgentDuration;
    }
}
