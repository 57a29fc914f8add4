using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>
/// The result of a prompt. A completed one is written to the pipeline; otherwise the exception of the error carries it
/// (<see cref="PromptFailedException.Result"/>).
/// </summary>
public sealed record PromptResult
{
    /// <summary>The index of the prompt in its batch, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The prompt as given.</summary>
    public required string Prompt { get; init; }

    /// <summary>
    /// The input object of the prompt, a file or directory as its full path. PowerShell shows the file itself, and
    /// <see cref="GetInput"/> returns it.
    /// </summary>
    public object? InputObject
    {
        get => Plain(Input);
        init => Input = value;
    }

    /// <summary>The answer; the partial text if the outcome is not Completed.</summary>
    public string Text { get; init => field = value ?? ""; } = "";

    /// <summary>With a schema: the object that the answer stands for, or a list; null without a schema, or if no answer fits.</summary>
    public object? Value { get; init; }

    /// <summary>With a schema: <see cref="Value"/> as JSON, as the agent wrote it.</summary>
    public string? ValueJson { get; init; }

    /// <summary>The number of turns of the prompt: more than 1 if it was repeated, or if the agent was asked again for an answer that fits the schema; 0 if it was never sent.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>The parts of the answer that are not text: images, sounds, files and links.</summary>
    public IReadOnlyList<AnswerBlock> Content { get; init => field = TextList.Of(value); } = TextList.Of<AnswerBlock>([]);

    /// <summary>Whether there is an answer: text, content or a used tool. An agent can end a turn without any of them.</summary>
    public bool HasAnswer => !string.IsNullOrWhiteSpace(Text) || Content.Count > 0 || ToolCalls.Any(call => call.Permission is null or "Allowed");

    /// <summary>Chat and Delimited: the raw answer with colours and cursor codes; null for ACP.</summary>
    public string? RawText { get; init; }

    /// <summary>Chat and Delimited: the last part of the stderr of the turn, at most 8 KB; null for ACP.</summary>
    public string? ErrorText { get; init; }

    /// <summary>Chat: the exit code of the process; null if KiroPool ended it, and for other protocols.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Completed, Failed, Cancelled, TimedOut or Indeterminate (see <see cref="PromptOutcome"/>).</summary>
    public required string Outcome { get; init; }

    /// <summary>The stop reason: end_turn, max_tokens, max_turn_requests, refusal or cancelled; null without a response.</summary>
    public string? StopReason { get; init; }

    /// <summary>The time from being queued to the outcome, in seconds.</summary>
    public double Seconds => Elapsed.InSeconds(Times.Duration);

    /// <summary>The part of <see cref="Seconds"/> that was not spent waiting: the turn itself, or all its attempts.</summary>
    public double TurnSeconds => Elapsed.InSeconds(Times.Duration - Times.QueuedFor - Times.SessionWait);

    /// <summary>The part of <see cref="Seconds"/> spent waiting for an agent and its session.</summary>
    public double WaitSeconds => Elapsed.InSeconds(Times.QueuedFor + Times.SessionWait);

    /// <summary>The time from sending the prompt to the first text of the answer, in seconds; null without text.</summary>
    public double? FirstTextSeconds => Times.TimeToFirstText is { } time ? Elapsed.InSeconds(time) : null;

    /// <summary>The duration of the turn as the agent reports it, in seconds; null if it does not.</summary>
    public double? AgentSeconds => Times.AgentDuration is { } time ? Elapsed.InSeconds(time) : null;

    /// <summary>Whether the process had served a prompt before.</summary>
    public bool Reused { get; init; }

    /// <summary>The agent process; null if the prompt got none.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The host of the agent; <c>localhost</c> for this machine, null if the prompt got no agent.</summary>
    public string? HostName { get; init; }

    /// <summary>
    /// After a lost link to a far host: the time from which on nothing of the agent can be left there, so that a repetition is
    /// safe. Null otherwise.
    /// </summary>
    public DateTimeOffset? FencedAt { get; init; }

    /// <summary>The agent's session; null if the prompt got none.</summary>
    public string? SessionId { get; init; }

    /// <summary>The name of the session; null for a stand-alone prompt.</summary>
    public string? Session { get; init; }

    /// <summary>Whether the session's conversation was resumed in another process (<c>session/load</c>).</summary>
    public bool Resumed { get; init; }

    /// <summary>Whether the session's conversation was lost and this prompt started a new one, with permission.</summary>
    public bool StartedAfresh { get; init; }

    /// <summary>The agent (mode) as the process reports it; the requested one without a report.</summary>
    public string? Agent { get; init; }

    /// <summary>The model as the process reports it; the requested one without a report.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the process confirmed <see cref="Model"/>.</summary>
    public bool ModelVerified { get; init; }

    /// <summary>The working directory of the agent.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The cost in credits, if the agent reports it.</summary>
    public decimal? Credits { get; init; }

    /// <summary>The tokens sent to the model, if the agent reports them.</summary>
    public long? InputTokens { get; init; }

    /// <summary>The tokens of the model's answers, if the agent reports them.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The tokens read from the cache of the model service, if the agent reports them.</summary>
    public long? CachedReadTokens { get; init; }

    /// <summary>The tokens written to the cache of the model service, if the agent reports them.</summary>
    public long? CachedWriteTokens { get; init; }

    /// <summary>The cost in money, in <see cref="CostCurrency"/>, if the agent reports it.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The currency of <see cref="Cost"/>, such as USD; null without a cost.</summary>
    public string? CostCurrency { get; init; }

    /// <summary>The used share of the context, 0 to 100, if the agent reports it.</summary>
    public double? ContextPercent { get; init; }

    /// <summary>The used and rejected tools.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init => field = TextList.Of(value); } = TextList.Of<ToolCall>([]);

    /// <summary>Whether it comes from an earlier run of the batch, through the journal.</summary>
    public bool FromJournal { get; init; }

    internal PromptTimes Times { get; init; } = PromptTimes.None;

    private object? Input { get; init; }

    /// <summary>The input object of the prompt as it was given.</summary>
    public object? GetInput() => Input;

    /// <summary>The times as time spans.</summary>
    public PromptTimes GetTimes() => Times;

    /// <summary>The same result with other times.</summary>
    public PromptResult WithTimes(PromptTimes times) => this with { Times = times ?? throw new ArgumentNullException(nameof(times)) };

    /// <summary>The answer's text.</summary>
    public override string ToString() => Text;

    private static object? Plain(object? input) => input switch
    {
        FileSystemInfo file => file.FullName,
        object?[] many => Array.ConvertAll(many, Plain),
        _ => input,
    };
}

/// <summary>A prompt that did not complete, with its result.</summary>
public sealed class PromptFailedException : AgentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="result">The result of the prompt.</param>
    /// <param name="failure">The reason why it did not complete.</param>
    public PromptFailedException(PromptResult result, AgentException failure)
        : base((failure ?? throw new ArgumentNullException(nameof(failure))).Kind, failure.Message, failure)
    {
        Result = result;
        Value = failure.Value;
        Advice = failure.Advice;
    }

    /// <summary>The result of the prompt, including its partial text.</summary>
    public PromptResult Result { get; }
}
