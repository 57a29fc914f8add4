namespace KiroPool.Engine.Agents;

/// <summary>What came of one turn, as the connection saw it.</summary>
internal sealed record TurnResult
{
    public required PromptOutcome Outcome { get; init; }

    /// <summary>Why it is not <see cref="PromptOutcome.Completed"/>.</summary>
    public AgentException? Failure { get; init; }

    /// <summary>False only if the prompt certainly never reached the agent, so that another one may be asked.</summary>
    public bool MayHaveBeenSeen { get; init; } = true;

    /// <summary>Whether the agent said or used anything: running the prompt again could do a thing twice.</summary>
    public bool HasLeftTraces { get; init; }

    public string Text { get; init; } = "";

    public string? RawText { get; init; }

    public string? ErrorText { get; init; }

    public int? ExitCode { get; init; }

    public string? StopReason { get; init; }

    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    public decimal? Credits { get; init; }

    /// <summary>How long the turn took by the agent's own account.</summary>
    public TimeSpan? AgentTime { get; init; }

    public double? ContextPercent { get; init; }

    /// <summary>From sending the prompt to the first text of the answer.</summary>
    public TimeSpan? TimeToFirstText { get; init; }
}
