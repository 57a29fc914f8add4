namespace KiroPool.Engine.Prompting;

/// <summary>
/// Decides whether an answer is acceptable, and what the agent is told if it is not. The prompt and the further turns are
/// one prompt to the caller: one outcome, one time limit, one sum of costs.
/// </summary>
public interface IAnswerReview
{
    /// <summary>How to answer, in words. It follows the prompt and its attachments as a part of its own.</summary>
    string Instruction { get; }

    /// <summary>The same as JSON Schema, for agents that accept one with a prompt. They get no instruction.</summary>
    string OutputSchema { get; }

    /// <summary>How often the agent is asked again: 0 or more.</summary>
    int RetryCount { get; }

    /// <summary>Reviews an answer. An exception fails the prompt.</summary>
    /// <param name="answer">The text of one turn.</param>
    /// <param name="cancellationToken">Cancelled with the prompt.</param>
    ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken);
}

/// <summary>The result of a review. An answer without a follow-up and a failure is accepted.</summary>
public sealed record AnswerVerdict
{
    /// <summary>The object that an accepted answer stands for.</summary>
    public object? Value { get; init; }

    /// <summary>The same as JSON.</summary>
    public string? ValueJson { get; init; }

    /// <summary>The text of the next turn to the agent; null if the agent is not asked again.</summary>
    public string? FollowUp { get; init; }

    /// <summary>The failure of the prompt if this was its last turn; null for an accepted answer.</summary>
    public AgentException? Failure { get; init; }
}
