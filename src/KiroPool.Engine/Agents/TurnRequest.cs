namespace KiroPool.Engine.Agents;

/// <summary>One turn of a conversation.</summary>
internal sealed record TurnRequest
{
    public required IReadOnlyList<PromptPart> Parts { get; init; }

    /// <summary>The JSON Schema the answer must fit, for agents that take one with a prompt; null for none.</summary>
    public string? OutputSchema { get; init; }

    /// <summary>The span of the turn in the form of W3C Trace Context, for the agent; null if nothing listens.</summary>
    public string? TraceParent { get; init; }

    /// <summary>A JSON object for <c>_meta</c>; null for none.</summary>
    public string? Meta { get; init; }

    /// <summary>Whether text that begins with '/' runs as a command of the agent.</summary>
    public bool IsSlashCommand { get; init; }

    /// <summary>The longest silence of the agent; zero for no limit.</summary>
    public TimeSpan InactivityTimeout { get; init; }

    /// <summary>Whether the conversation ends with this turn, so that the next one may be prepared.</summary>
    public bool PrepareNextSession { get; init; }

    /// <summary>Whether the session is a copy of a conversation, for this prompt only.</summary>
    public bool IsFork { get; init; }

    /// <summary>The decisions on tools.</summary>
    public PermissionDesk Permissions { get; init; } = PermissionDesk.Closed;

    /// <summary>Answers the agent's questions to the user; null without a user.</summary>
    public Func<FormRequest, CancellationToken, Task<FormAnswer>>? FormHandler { get; init; }

    /// <summary>Receives every update in wire order, on the reader of the connection. It must be quick and must not block.</summary>
    public Action<PromptUpdate>? OnUpdate { get; init; }
}
