namespace KiroPool.Engine.Agents;

/// <summary>The time limits of a connection to one agent, and when it makes its next session.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>For the process to start and answer <c>initialize</c>.</summary>
    public required TimeSpan StartTimeout { get; init; }

    /// <summary>For making or loading a session.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>For a cancelled turn to end.</summary>
    public required TimeSpan CancelGrace { get; init; }

    /// <summary>For the process to end.</summary>
    public required StopGraces StopGraces { get; init; }

    /// <summary>For a process to end that holds a conversation which may be resumed.</summary>
    public required StopGraces ConversationStopGraces { get; init; }

    /// <summary>Whether the next session is made while a turn runs, or between turns.</summary>
    public required bool PrepareSessionDuringTurn { get; init; }
}
