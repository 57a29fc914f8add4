namespace KiroPool;

/// <summary>An agent (mode) of kiro-cli: a set of instructions, tools and maybe a model, under a name.</summary>
public sealed record KiroAgent
{
    /// <summary>The name to ask for.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, if its file says.</summary>
    public string? Description { get; init; }

    /// <summary>The model its file names, if it does.</summary>
    public string? Model { get; init; }

    /// <summary>Workspace, User or BuiltIn: where it comes from.</summary>
    public required string Source { get; init; }

    /// <summary>Its file; null for those kiro-cli brings along.</summary>
    public string? Path { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
