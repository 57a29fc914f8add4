namespace KiroPool.Engine.Prompting;

/// <summary>
/// Decides whether an answer is what was asked for, and has the agent asked again where it is not. The prompt and the
/// further turns are one prompt to the caller: one outcome, one time limit, one sum of what it cost.
/// </summary>
public interface IAnswerReview
{
    /// <summary>How to answer, in words. It goes behind the prompt and its attachments, as a part of its own.</summary>
    string Instruction { get; }

    /// <summary>The same as JSON Schema, for agents that take one with a prompt; they get no instruction.</summary>
    string OutputSchema { get; }

    /// <summary>How often the agent is asked again: 0 or more.</summary>
    int RetryCount { get; }

    /// <summary>Looks at an answer. What it throws fails the prompt.</summary>
    /// <param name="answer">The text of one turn.</param>
    /// <param name="cancellationToken">Cancelled when the prompt is.</param>
    ValueTask<AnswerVerdict> ReviewAsync(string answer, CancellationToken cancellationToken);
}

/// <summary>What a review says of an answer.</summary>
public sealed record AnswerVerdict
{
    /// <summary>What the answer stands for, when it is accepted.</summary>
    public object? Value { get; init; }

    /// <summary>The same as JSON.</summary>
    public string? ValueJson { get; init; }

    /// <summary>What the agent is told in the next turn; null when the answer is accepted.</summary>
    public string? FollowUp { get; init; }

    /// <summary>Why the prompt fails, if the agent is not asked again; null when the answer is accepted.</summary>
    public AgentException? Failure { get; init; }
}
