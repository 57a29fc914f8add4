namespace KiroPool;

/// <summary>
/// What came of a prompt. Written to the pipeline when it completed, and carried by the error's exception
/// (<see cref="PromptFailedException.Result"/>) when it did not.
/// </summary>
public sealed class PromptResult
{
    /// <summary>The place of the prompt in its batch, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The prompt as it was given.</summary>
    public required string Prompt { get; init; }

    /// <summary>The object from the pipeline this answers.</summary>
    public object? InputObject { get; init; }

    /// <summary>The answer; what had come of it, when the outcome is not Completed.</summary>
    public string Text { get; init; } = "";

    /// <summary>Chat and Delimited: the answer as the process wrote it, with its colours and cursor codes; null for ACP.</summary>
    public string? RawText { get; init; }

    /// <summary>Chat and Delimited: the end of what the process wrote to stderr meanwhile, at most 8 KB; null for ACP.</summary>
    public string? ErrorText { get; init; }

    /// <summary>Chat: the process's exit code; null if it was ended for this prompt, and for other protocols.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Completed, Failed, Cancelled, TimedOut or Indeterminate (see <see cref="PromptOutcome"/>).</summary>
    public required string Outcome { get; init; }

    /// <summary>Why the agent stopped: end_turn, max_tokens, max_turn_requests, refusal or cancelled; null if it did not.</summary>
    public string? StopReason { get; init; }

    /// <summary>From being queued to the outcome.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The part of <see cref="Duration"/> spent waiting for an agent, its start included.</summary>
    public TimeSpan QueuedFor { get; init; }

    /// <summary>The part of <see cref="Duration"/> spent waiting for a fresh session on the agent.</summary>
    public TimeSpan SessionWait { get; init; }

    /// <summary>From sending the prompt to the first text of the answer; null if none came.</summary>
    public TimeSpan? TimeToFirstText { get; init; }

    /// <summary>How long the turn took by the agent's own account, if it says.</summary>
    public TimeSpan? AgentDuration { get; init; }

    /// <summary>Whether the process had served a prompt before.</summary>
    public bool Reused { get; init; }

    /// <summary>The agent process; null if the prompt never got one.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The agent's session; null if the prompt never got one.</summary>
    public string? SessionId { get; init; }

    /// <summary>The name of the session the prompt belongs to; null for one that stands alone.</summary>
    public string? Session { get; init; }

    /// <summary>Whether the session's conversation was taken up again in another process, with <c>session/load</c>.</summary>
    public bool Resumed { get; init; }

    /// <summary>Whether the session's conversation was lost and this prompt began a new one, which was allowed.</summary>
    public bool StartedAfresh { get; init; }

    /// <summary>The agent (mode) that answered, as the process tells; the one asked for if it never did.</summary>
    public string? Agent { get; init; }

    /// <summary>The model that answered, as the process tells; the one asked for if it never did.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the process confirmed <see cref="Model"/>.</summary>
    public bool ModelVerified { get; init; }

    /// <summary>The directory the agent worked in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>What it cost, in the agent's credits, if the agent says.</summary>
    public decimal? Credits { get; init; }

    /// <summary>How full the conversation's context is, 0 to 100, if the agent says.</summary>
    public double? ContextPercent { get; init; }

    /// <summary>The tools used or refused.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Whether an earlier run of the batch got it, and this run only read it in the journal.</summary>
    public bool FromJournal { get; init; }

    /// <summary>The answer's text.</summary>
    public override string ToString() => Text;
}

/// <summary>A prompt that did not complete, with all that is known of it.</summary>
public sealed class PromptFailedException : AgentException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="result">What came of the prompt.</param>
    /// <param name="failure">Why it did not complete.</param>
    public PromptFailedException(PromptResult result, AgentException failure)
        : base((failure ?? throw new ArgumentNullException(nameof(failure))).Kind, failure.Message, failure)
    {
        Result = result;
        Value = failure.Value;
    }

    /// <summary>What came of the prompt, its partial text included.</summary>
    public PromptResult Result { get; }
}
