using System.Text.Json;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>
/// What v3 says of a session in a <c>session_info_update</c>, under <c>_meta.kiro</c>: the beginning and end of a turn, what
/// it cost, an error for the user. There are many more kinds, none of which is needed.
/// </summary>
internal sealed record KiroSessionInfo
{
    public const string TurnStart = "turn_start";
    private const string TurnCompletion = "turn_completion";
    private const string Usage = "context_usage";
    private const string Error = "display_error";

    public string? Kind { get; init; }

    /// <summary>An earlier turn is shown again: it costs nothing now.</summary>
    public JsonElement Replay { get; init; }

    public IReadOnlyList<Summary>? PromptTurnSummaries { get; init; }

    public double? ElapsedTime { get; init; }

    public string? Status { get; init; }

    public double? UsagePercentage { get; init; }

    public ContextShare? ContextUsage { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CacheReadInputTokens { get; init; }

    public long? CacheWriteInputTokens { get; init; }

    public string? Message { get; init; }

    public string? ErrorType { get; init; }

    public ErrorText? DisplayError { get; init; }

    /// <summary>Reads an update.</summary>
    /// <returns>Null when it is not of kiro-cli, or shows an earlier turn.</returns>
    /// <exception cref="JsonException">It is of another shape.</exception>
    public static KiroSessionInfo? Read(ReadOnlySpan<byte> update)
    {
        KiroSessionInfo? info = JsonSerializer.Deserialize(update, KiroJson.Default.SessionInfoMessage)?.Meta?.Kiro;
        return info is { Replay.ValueKind: JsonValueKind.True } ? null : info;
    }

    /// <summary>What it says a turn cost; null when it is about something else.</summary>
    public TurnMeter? ToMeter() => Kind switch
    {
        Usage => new TurnMeter { ContextPercent = UsagePercentage ?? ContextUsage?.UsagePercentage },
        TurnCompletion => new TurnMeter
        {
            Credits = Credits,
            ContextPercent = UsagePercentage ?? ContextUsage?.UsagePercentage,
            AgentTime = TurnMeter.Milliseconds(ElapsedTime),
            InputTokens = InputTokens,
            OutputTokens = OutputTokens,
            CachedReadTokens = CacheReadInputTokens,
            CachedWriteTokens = CacheWriteInputTokens,
        },
        _ => null,
    };

    /// <summary>The error it shows to the user; null when it shows none. MCP servers have errors in turns that go well.</summary>
    public AgentError? ToError()
    {
        if (Kind != Error || (Message ?? DisplayError?.Message) is not { Length: > 0 } text)
            return null;
        string? type = ErrorType ?? DisplayError?.ErrorType;
        return type?.StartsWith("mcp", StringComparison.OrdinalIgnoreCase) == true ? null : new AgentError(AgentError.AuthenticationRequired, text, type ?? "unknown");
    }

    /// <summary>Whether it says that the turn failed.</summary>
    public bool SaysFailed => Kind == TurnCompletion && Status is "failed" or "error";

    // The rows of a message are summed, and the sum is the turn's: a later message says it anew.
    private decimal? Credits => PromptTurnSummaries?
        .Where(row => row is { Usage: not null } && row.Unit?.StartsWith("credit", StringComparison.OrdinalIgnoreCase) != false)
        .Aggregate((decimal?)null, (sum, row) => (sum ?? 0) + (decimal)row.Usage!.Value);

    internal sealed record Summary(string? Unit, double? Usage);

    internal sealed record ContextShare(double? UsagePercentage);

    internal sealed record ErrorText(string? Message, string? ErrorType);
}

internal sealed record SessionInfoMessage([property: JsonPropertyName("_meta")] SessionInfoMeta? Meta);

internal sealed record SessionInfoMeta(KiroSessionInfo? Kiro);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(SessionInfoMessage))]
internal sealed partial class KiroJson : JsonSerializerContext;
