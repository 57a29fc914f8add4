using System.Text.Json;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// The <c>_meta.kiro</c> of V3's <c>session_info_update</c>: start, end and cost of a turn, and an error for the user. Its
/// many other kinds are ignored.
/// </summary>
internal sealed record KiroSessionInfo
{
    public const string TurnStart = "turn_start";
    private const string TurnCompletion = "turn_completion";
    private const string TurnEnd = "turn_end";
    private const string Usage = "context_usage";
    private const string Error = "display_error";

    public string? Kind { get; init; }

    /// <summary>True for the replay of an earlier turn, which costs nothing again.</summary>
    public JsonElement Replay { get; init; }

    public IReadOnlyList<Summary>? PromptTurnSummaries { get; init; }

    public double? ElapsedTime { get; init; }

    public string? Status { get; init; }

    public string? StopReason { get; init; }

    public double? UsagePercentage { get; init; }

    public ContextShare? ContextUsage { get; init; }

    public double? InputTokens { get; init; }

    public double? OutputTokens { get; init; }

    public double? CacheReadInputTokens { get; init; }

    public double? CacheWriteInputTokens { get; init; }

    public double? CachedReadTokens { get; init; }

    public double? CachedWriteTokens { get; init; }

    public double? CachedTokens { get; init; }

    public string? Message { get; init; }

    public string? ErrorType { get; init; }

    public ErrorText? DisplayError { get; init; }

    /// <summary>Reads an update.</summary>
    /// <returns>Null for an update of another agent and for a replay.</returns>
    /// <exception cref="JsonException">It has another shape.</exception>
    public static KiroSessionInfo? Read(ReadOnlySpan<byte> update)
    {
        KiroSessionInfo? info = JsonSerializer.Deserialize(update, KiroJson.Default.SessionInfoMessage)?.Meta?.Kiro;
        return info is { Replay.ValueKind: JsonValueKind.True } ? null : info;
    }

    /// <summary>The cost of the turn; null for another kind of update.</summary>
    public TurnMeter? ToMeter() => Kind switch
    {
        Usage => new TurnMeter { ContextPercent = TurnMeter.Percent(UsagePercentage ?? ContextUsage?.UsagePercentage) },
        TurnCompletion => new TurnMeter
        {
            Credits = Credits,
            ContextPercent = TurnMeter.Percent(UsagePercentage ?? ContextUsage?.UsagePercentage),
            AgentTime = TurnMeter.Milliseconds(ElapsedTime),
            InputTokens = TurnMeter.Count(InputTokens),
            OutputTokens = TurnMeter.Count(OutputTokens),
            CachedReadTokens = TurnMeter.Count(CacheReadInputTokens ?? CachedReadTokens ?? CachedTokens),
            CachedWriteTokens = TurnMeter.Count(CacheWriteInputTokens ?? CachedWriteTokens),
        },
        _ => null,
    };

    /// <summary>The error for the user; null without one. Errors of MCP servers do not fail a turn.</summary>
    public AgentError? ToError()
    {
        if (Kind != Error || (Message ?? DisplayError?.Message) is not { Length: > 0 } text)
            return null;
        string? type = ErrorType ?? DisplayError?.ErrorType;
        return type?.StartsWith("mcp", StringComparison.OrdinalIgnoreCase) == true ? null : new AgentError(AgentError.AuthenticationRequired, text, type ?? "unknown");
    }

    /// <summary>Whether it reports that the turn failed.</summary>
    public bool SaysFailed => (Kind == TurnCompletion && Status is "failed" or "error") || (Kind == TurnEnd && StopReason is "error");

    // The sum over the rows of a message is the total of the turn. A later message replaces it.
    private decimal? Credits => PromptTurnSummaries?
        .Where(row => row is { Usage: not null } && row.Unit?.StartsWith("credit", StringComparison.OrdinalIgnoreCase) != false)
        .Aggregate((decimal?)null, (sum, row) => (sum ?? 0) + (TurnMeter.Amount(row.Usage) ?? 0));

    internal sealed record Summary(string? Unit, double? Usage);

    internal sealed record ContextShare(double? UsagePercentage);

    internal sealed record ErrorText(string? Message, string? ErrorType);
}

internal sealed record SessionInfoMessage([property: JsonPropertyName("_meta")] SessionInfoMeta? Meta);

internal sealed record SessionInfoMeta(KiroSessionInfo? Kiro);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(SessionInfoMessage))]
internal sealed partial class KiroJson : JsonSerializerContext;
