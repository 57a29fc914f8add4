using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>An agent's request to use a tool, for a permission handler.</summary>
public sealed class PermissionRequest
{
    /// <summary>The agent's session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The agent's id of the tool call; empty if it gave none.</summary>
    public string ToolCallId { get; init; } = "";

    /// <summary>The agent's description of the action. A model wrote it: do not decide on it alone.</summary>
    public string Title { get; init; } = "";

    /// <summary>ACP's kind: read, edit, delete, move, search, execute, think, fetch, switch_mode or other.</summary>
    public string Kind { get; init; } = "other";

    /// <summary>The name of the tool, such as <c>@git/status</c>, if the agent gives it apart from the title; else null.</summary>
    public string? ToolName { get; init; }

    /// <summary>The affected files.</summary>
    public IReadOnlyList<string> Locations { get; init; } = [];

    /// <summary>The input of the tool as JSON, at most 64 Ki characters; null if the agent did not send it.</summary>
    public string? Input { get; init; }

    /// <summary>
    /// Whether it is a question to the user and not about a tool. The answer is one of <see cref="Options"/>. Trust never
    /// answers it.
    /// </summary>
    public bool IsQuestion { get; init; }

    /// <summary>The names of the possible answers; empty for a tool.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The answer that the handler chose from <see cref="Options"/>; it counts with <see cref="PermissionDecision.Allow"/>.</summary>
    public string? Answer { get; set; }

    /// <summary>The title and the kind.</summary>
    public override string ToString() => TerminalText.Harmless(Title.Length == 0 ? Kind : $"{Title} ({Kind})");
}
