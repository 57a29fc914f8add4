using KiroPool.Engine.Agents;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Prompting;

/// <summary>The facts of a prompt over all its attempts, which become its result.</summary>
internal sealed class PromptFacts(TimeProvider time)
{
    private readonly long _queuedAt = time.GetTimestamp();

    /// <summary>The time since the prompt was queued.</summary>
    public TimeSpan Age => time.GetElapsedTime(_queuedAt);

    /// <summary>The wait for an agent, including a start and a cool-down.</summary>
    public TimeSpan QueuedFor { get; set; }

    /// <summary>The wait for a session of the agent.</summary>
    public TimeSpan SessionWait { get; set; }

    /// <summary>The time from sending to the outcome in the latest attempt; null if none was sent.</summary>
    public TimeSpan? TurnTime { get; set; }

    /// <summary>How many turns an agent may have seen.</summary>
    public int Attempts { get; set; }

    public int? ProcessId { get; set; }

    /// <summary>Where the agent of the latest attempt runs.</summary>
    public string? HostName { get; set; }

    /// <summary>Whether it ended while earlier prompts of its session ran.</summary>
    public bool WasInLine { get; set; }

    public bool Reused { get; set; }

    public bool Resumed { get; set; }

    /// <summary>Whether a new conversation replaced one that was lost.</summary>
    public bool Restarted { get; set; }

    public IAgentSession? Session { get; set; }

    public PromptResult ToResult(PromptRequest request, AgentSpec spec, Conversation? conversation, TurnResult turn) => new()
    {
        Index = request.Index,
        Prompt = request.Prompt,
        InputObject = request.InputObject,
        Text = turn.Text,
        Content = turn.Content,
        Value = turn.Value,
        ValueJson = turn.ValueJson,
        Attempts = Math.Max(turn.Attempts, Attempts),
        RawText = turn.RawText,
        ErrorText = turn.ErrorText,
        ExitCode = turn.ExitCode,
        Outcome = Enum.GetName(turn.Outcome)!,
        StopReason = turn.StopReason,
        Times = new PromptTimes { Duration = Age, QueuedFor = QueuedFor, SessionWait = SessionWait, TimeToFirstText = turn.TimeToFirstText, AgentDuration = turn.Meter.AgentTime },
        Reused = Reused,
        ProcessId = ProcessId,
        HostName = HostName,
        FencedAt = turn.Failure?.FencedAt,
        SessionId = (Session?.Id ?? conversation?.Seat.Id) is { Length: > 0 } id ? id : null,
        Session = conversation is { Name.Length: > 0 } ? conversation.Name : null,
        Resumed = Resumed,
        StartedAfresh = Restarted,
        Agent = Session?.Agent ?? spec.Agent,
        Model = Session?.Model ?? spec.Model,
        ModelVerified = Session?.ModelVerified ?? false,
        WorkingDirectory = spec.WorkingDirectory,
        Credits = turn.Meter.Credits,
        InputTokens = turn.Meter.InputTokens,
        OutputTokens = turn.Meter.OutputTokens,
        CachedReadTokens = turn.Meter.CachedReadTokens,
        CachedWriteTokens = turn.Meter.CachedWriteTokens,
        Cost = turn.Meter.Cost,
        CostCurrency = turn.Meter.CostCurrency,
        ContextPercent = turn.Meter.ContextPercent,
        ToolCalls = turn.ToolCalls,
    };
}
