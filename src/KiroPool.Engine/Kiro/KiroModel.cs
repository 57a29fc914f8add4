namespace KiroPool;

/// <summary>A model kiro-cli offers.</summary>
public sealed record KiroModel
{
    /// <summary>The id to ask for: <c>claude-opus-4.5</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public string? Name { get; init; }

    /// <summary>What it is good for, in kiro-cli's words.</summary>
    public string? Description { get; init; }

    /// <summary>How many tokens a conversation may hold, if it says.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>What a prompt costs compared to others, if it says.</summary>
    public decimal? Rate { get; init; }

    /// <summary>The unit of <see cref="Rate"/>.</summary>
    public string? RateUnit { get; init; }

    /// <summary>Whether it is used when no other is asked for.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
