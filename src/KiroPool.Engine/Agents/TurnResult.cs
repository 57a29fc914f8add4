namespace KiroPool.Engine.Agents;

/// <summary>The result of one turn, as the connection reports it.</summary>
internal sealed record TurnResult
{
    public required PromptOutcome Outcome { get; init; }

    /// <summary>The failure, if the outcome is not <see cref="PromptOutcome.Completed"/>.</summary>
    public AgentException? Failure { get; init; }

    /// <summary>False only if the prompt certainly never reached the agent, so that another agent may run it.</summary>
    public bool MayHaveBeenSeen { get; init; } = true;

    /// <summary>Whether the agent sent text or used a tool. A repeated prompt could then repeat an action.</summary>
    public bool HasLeftTraces { get; init; }

    public string Text { get; init; } = "";

    /// <summary>The blocks of the answer that are not text.</summary>
    public IReadOnlyList<AnswerBlock> Content { get; init; } = [];

    public string? RawText { get; init; }

    public string? ErrorText { get; init; }

    public int? ExitCode { get; init; }

    public string? StopReason { get; init; }

    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>The answer as JSON, if the agent gives it beside the text; null otherwise.</summary>
    public string? StructuredOutput { get; init; }

    /// <summary>The object that a reviewed and accepted answer stands for.</summary>
    public object? Value { get; init; }

    /// <summary>The same as JSON.</summary>
    public string? ValueJson { get; init; }

    /// <summary>The number of turns.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>The cost, as far as the agent reports it.</summary>
    public TurnMeter Meter { get; init; } = TurnMeter.None;

    /// <summary>The time from sending the prompt to the first text of the answer.</summary>
    public TimeSpan? TimeToFirstText { get; init; }
}
