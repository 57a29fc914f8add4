namespace KiroPool;

/// <summary>An agent (mode) of kiro-cli: a named set of instructions, tools and possibly a model.</summary>
public sealed record KiroAgent
{
    /// <summary>The name for <c>-Agent</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its purpose, if its file gives one.</summary>
    public string? Description { get; init; }

    /// <summary>The model its file names, if it does.</summary>
    public string? Model { get; init; }

    /// <summary>Its source: Workspace, User or BuiltIn.</summary>
    public required string Source { get; init; }

    /// <summary>Its file; null for built-in agents.</summary>
    public string? Path { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
