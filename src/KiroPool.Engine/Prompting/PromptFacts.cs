using KiroPool.Engine.Agents;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Prompting;

/// <summary>What a prompt has met on its way so far, over all its attempts; in the end, its result.</summary>
internal sealed class PromptFacts(TimeProvider time)
{
    private readonly long _queuedAt = time.GetTimestamp();

    /// <summary>Since the prompt was queued.</summary>
    public TimeSpan Age => time.GetElapsedTime(_queuedAt);

    /// <summary>Time spent waiting for an agent, a start and a cool-down included.</summary>
    public TimeSpan QueuedFor { get; set; }

    /// <summary>Time spent waiting for a session of an agent that was there.</summary>
    public TimeSpan SessionWait { get; set; }

    /// <summary>From sending to the outcome, in the latest attempt; null when none was sent.</summary>
    public TimeSpan? TurnTime { get; set; }

    public int? ProcessId { get; set; }

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
        RawText = turn.RawText,
        ErrorText = turn.ErrorText,
        ExitCode = turn.ExitCode,
        Outcome = Enum.GetName(turn.Outcome)!,
        StopReason = turn.StopReason,
        Duration = Age,
        QueuedFor = QueuedFor,
        SessionWait = SessionWait,
        TimeToFirstText = turn.TimeToFirstText,
        AgentDuration = turn.AgentTime,
        Reused = Reused,
        ProcessId = ProcessId,
        SessionId = (Session?.Id ?? conversation?.Seat.Session?.Id) is { Length: > 0 } id ? id : null,
        Session = conversation is { Name.Length: > 0 } ? conversation.Name : null,
        Resumed = Resumed,
        StartedAfresh = Restarted,
        Agent = Session?.Agent ?? spec.Agent,
        Model = Session?.Model ?? spec.Model,
        ModelVerified = Session?.ModelVerified ?? false,
        WorkingDirectory = spec.WorkingDirectory,
        Credits = turn.Credits,
        ContextPercent = turn.ContextPercent,
        ToolCalls = turn.ToolCalls,
    };
}
