using KiroPool.Engine.Agents;

namespace KiroPool;

/// <summary>An agent's question whether it may use a tool, as a permission handler gets it.</summary>
public sealed class PermissionRequest
{
    /// <summary>The agent's session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The agent's id of the tool call; empty if it gave none.</summary>
    public string ToolCallId { get; init; } = "";

    /// <summary>What the agent wants to do, in its own words. It is written by a model: do not decide on it alone.</summary>
    public string Title { get; init; } = "";

    /// <summary>ACP's kind: read, edit, delete, move, search, execute, think, fetch, switch_mode or other.</summary>
    public string Kind { get; init; } = "other";

    /// <summary>The tool's name where the agent tells it apart from the title, such as <c>@git/status</c>; null otherwise.</summary>
    public string? ToolName { get; init; }

    /// <summary>The files concerned.</summary>
    public IReadOnlyList<string> Locations { get; init; } = [];

    /// <summary>What goes into the tool, as JSON, at most 64 Ki characters of it; null if the agent did not say.</summary>
    public string? Input { get; init; }

    /// <summary>The title and the kind.</summary>
    public override string ToString() => TerminalText.Harmless(Title.Length == 0 ? Kind : $"{Title} ({Kind})");
}
