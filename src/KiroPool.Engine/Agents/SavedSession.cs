namespace KiroPool;

/// <summary>A conversation that an agent has stored, perhaps of an earlier process.</summary>
public sealed record SavedSession
{
    /// <summary>The agent's id of it, for New-KiroSession -Id.</summary>
    public required string SessionId { get; init; }

    /// <summary>Its title, if the agent gives it one.</summary>
    public string? Title { get; init; }

    /// <summary>The directory it works in.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The time of its last turn, if the agent reports it.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>The title, or else the id.</summary>
    public override string ToString() => Title ?? SessionId;
}
