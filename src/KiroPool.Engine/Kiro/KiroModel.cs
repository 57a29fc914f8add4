namespace KiroPool;

/// <summary>A model kiro-cli offers.</summary>
public sealed record KiroModel
{
    /// <summary>The id for <c>-Model</c>, such as <c>claude-opus-4.5</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The display name.</summary>
    public string? Name { get; init; }

    /// <summary>kiro-cli's description.</summary>
    public string? Description { get; init; }

    /// <summary>The size of the context in tokens, if it is known.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>The relative cost of a prompt, if it is known.</summary>
    public decimal? Rate { get; init; }

    /// <summary>The unit of <see cref="Rate"/>.</summary>
    public string? RateUnit { get; init; }

    /// <summary>Whether it is the default model.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
