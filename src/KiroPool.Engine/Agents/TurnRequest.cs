namespace KiroPool.Engine.Agents;

/// <summary>One turn of a conversation.</summary>
internal sealed record TurnRequest
{
    public required IReadOnlyList<PromptPart> Parts { get; init; }

    /// <summary>Text that begins with '/' is meant as a command of the agent.</summary>
    public bool IsSlashCommand { get; init; }

    /// <summary>The longest silence of the agent; zero for no limit.</summary>
    public TimeSpan InactivityTimeout { get; init; }

    /// <summary>The conversation ends with this turn, so the next one may be got ready.</summary>
    public bool PrepareNextSession { get; init; }

    /// <summary>Who decides which tools may be used.</summary>
    public PermissionDesk Permissions { get; init; } = PermissionDesk.Closed;

    /// <summary>Told of every update, in wire order, on the connection's reader: must be quick and must not block.</summary>
    public Action<PromptUpdate>? OnUpdate { get; init; }
}
