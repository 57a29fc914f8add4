namespace KiroPool.Engine.Agents;

/// <summary>What an agent says a turn cost, in whichever way it says it. What it does not say stays null.</summary>
internal sealed record TurnMeter
{
    /// <summary>Nothing said.</summary>
    public static TurnMeter None { get; } = new();

    /// <summary>Credits of the turn.</summary>
    public decimal? Credits { get; init; }

    /// <summary>How full the context is, 0 to 100.</summary>
    public double? ContextPercent { get; init; }

    /// <summary>How long the turn took by the agent's own account.</summary>
    public TimeSpan? AgentTime { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CachedReadTokens { get; init; }

    public long? CachedWriteTokens { get; init; }

    /// <summary>Money the turn cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The currency of <see cref="Cost"/>, as ISO 4217 has it.</summary>
    public string? CostCurrency { get; init; }

    /// <summary>This, and over it what is said later.</summary>
    public TurnMeter With(TurnMeter later) => new()
    {
        Credits = later.Credits ?? Credits,
        ContextPercent = later.ContextPercent ?? ContextPercent,
        AgentTime = later.AgentTime ?? AgentTime,
        InputTokens = later.InputTokens ?? InputTokens,
        OutputTokens = later.OutputTokens ?? OutputTokens,
        CachedReadTokens = later.CachedReadTokens ?? CachedReadTokens,
        CachedWriteTokens = later.CachedWriteTokens ?? CachedWriteTokens,
        Cost = later.Cost ?? Cost,
        CostCurrency = later.CostCurrency ?? CostCurrency,
    };

    /// <summary>A duration in milliseconds, if it can be one: a day and more is no duration of a turn.</summary>
    public static TimeSpan? Milliseconds(double? ms) => ms is >= 0 and <= 1e8 ? TimeSpan.FromMilliseconds(ms.Value) : null;
}
