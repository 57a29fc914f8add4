namespace KiroPool.Engine.Agents;

/// <summary>The cost of a turn as the agent reports it. Values that it does not report are null.</summary>
internal sealed record TurnMeter
{
    /// <summary>No report.</summary>
    public static TurnMeter None { get; } = new();

    /// <summary>Credits of the turn.</summary>
    public decimal? Credits { get; init; }

    /// <summary>The used share of the context, 0 to 100.</summary>
    public double? ContextPercent { get; init; }

    /// <summary>The duration of the turn as the agent reports it.</summary>
    public TimeSpan? AgentTime { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CachedReadTokens { get; init; }

    public long? CachedWriteTokens { get; init; }

    /// <summary>The cost in money.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The currency of <see cref="Cost"/>, an ISO 4217 code.</summary>
    public string? CostCurrency { get; init; }

    /// <summary>This report, updated with a later one.</summary>
    public TurnMeter With(TurnMeter later) => ReferenceEquals(this, None) ? later : new()
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

    /// <summary>An amount of credits or money; null for an impossible one.</summary>
    public static decimal? Amount(double? value) => value is >= 0 and <= 1e15 ? (decimal)value.Value : null;

    /// <summary>A share in percent; null for an impossible one, such as NaN, which JSON cannot write.</summary>
    public static double? Percent(double? value) => value is >= 0 and <= 1e6 ? value : null;

    /// <summary>A number of tokens; null for an impossible one.</summary>
    public static long? Count(double? value) => value is >= 0 and <= 1e15 ? (long)value.Value : null;

    /// <summary>A duration in milliseconds; null for an impossible one. No turn lasts a day or longer.</summary>
    public static TimeSpan? Milliseconds(double? ms) => ms is >= 0 and <= 1e8 ? TimeSpan.FromMilliseconds(ms.Value) : null;
}
