using System.Text.Json;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Acp;

// Messages of agents. Every member is optional and has a default. Messages of every turn have plain setters, because
// for init-only ones the generated code first collects all values in an object.
internal sealed record Implementation(string? Name, string? Version);

internal sealed record InitializeReply
{
    public JsonElement ProtocolVersion { get; init; }

    public AgentCapabilities? AgentCapabilities { get; init; }

    public Implementation? AgentInfo { get; init; }

    /// <summary>The ways to sign in. Some agents list them also when they are signed in.</summary>
    public JsonElement AuthMethods { get; init; }
}

internal sealed record AgentCapabilities
{
    public PromptCapabilities? PromptCapabilities { get; init; }

    /// <summary>True advertises <c>session/load</c>.</summary>
    public JsonElement LoadSession { get; init; }

    public SessionCapabilities? SessionCapabilities { get; init; }

    public McpCapabilities? McpCapabilities { get; init; }

    [JsonPropertyName("_meta")]
    public JsonElement Meta { get; init; }

    /// <summary>
    /// Whether a prompt may carry the JSON Schema of its answer. Agents announce it as <c>outputSchema</c>, in <c>_meta</c>
    /// itself or under a name of their own there.
    /// </summary>
    public bool TakesOutputSchema => Announces(Meta) || (Meta.ValueKind == JsonValueKind.Object && Meta.EnumerateObject().Any(own => Announces(own.Value)));

    private static bool Announces(JsonElement meta) =>
        meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("outputSchema", out JsonElement announced) && announced.ValueKind is JsonValueKind.True or JsonValueKind.Object;

    /// <summary>Whether these are capabilities of kiro-cli's engine V3.</summary>
    public bool SaysKiro => Meta.ValueKind == JsonValueKind.Object && Meta.TryGetProperty("kiro", out JsonElement kiro) && kiro.ValueKind == JsonValueKind.Object;
}

internal sealed record PromptCapabilities(JsonElement Image, JsonElement EmbeddedContext)
{
    public bool TakesImages => Image.ValueKind == JsonValueKind.True;

    public bool TakesEmbeddedText => EmbeddedContext.ValueKind == JsonValueKind.True;
}

internal sealed record McpCapabilities(JsonElement Http, JsonElement Sse);

internal sealed record SessionCapabilities
{
    /// <summary>An object, even an empty one, advertises <c>session/close</c>.</summary>
    public JsonElement? Close { get; init; }

    /// <summary>An object advertises <c>session/resume</c>.</summary>
    public JsonElement? Resume { get; init; }

    /// <summary>An object advertises <c>session/fork</c>.</summary>
    public JsonElement? Fork { get; init; }

    /// <summary>An object advertises <c>session/list</c>.</summary>
    public JsonElement? List { get; init; }

    /// <summary>An object advertises <c>session/delete</c>.</summary>
    public JsonElement? Delete { get; init; }

    public JsonElement? AdditionalDirectories { get; init; }

    public JsonElement? SystemPrompt { get; init; }
}

/// <summary>The answer to session/new. The set_… answers may repeat parts of it.</summary>
internal sealed record SessionReply
{
    public string? SessionId { get; set; }

    public SessionModes? Modes { get; set; }

    public SessionModels? Models { get; set; }

    public IReadOnlyList<ConfigOption>? ConfigOptions { get; set; }
}

internal sealed record ListSessionsReply(IReadOnlyList<SavedSessionMessage>? Sessions, string? NextCursor);

internal sealed record SavedSessionMessage(string? SessionId, string? Cwd, string? Title, string? UpdatedAt);

internal sealed record SessionModes
{
    public string? CurrentModeId { get; set; }

    public IReadOnlyList<SessionMode>? AvailableModes { get; set; }
}

internal sealed record SessionMode
{
    public string? Id { get; set; }

    public string? Name { get; set; }
}

/// <summary>Not in the standard; Kiro v2 sends it.</summary>
internal sealed record SessionModels
{
    public string? CurrentModelId { get; set; }

    public IReadOnlyList<SessionModel>? AvailableModels { get; set; }
}

internal sealed record SessionModel
{
    public string? ModelId { get; set; }

    public string? Name { get; set; }
}

internal sealed record ConfigOption
{
    public string? Id { get; init; }

    public string? Category { get; init; }

    public string? Type { get; init; }

    public JsonElement CurrentValue { get; init; }

    public JsonElement Options { get; init; }

    public string? Current => CurrentValue.ValueKind == JsonValueKind.String ? CurrentValue.GetString() : null;

    /// <summary>Whether it is on or off, instead of a choice.</summary>
    public bool IsSwitch => Type == "boolean" || CurrentValue.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>The value in force; true or false for a switch.</summary>
    public string? Text => CurrentValue.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => Current,
    };

    /// <summary>The values to choose from, in a flat list or in groups.</summary>
    public IEnumerable<string> Values => Flatten(Options);

    /// <summary>The option of a category, or with that name if no option has the category.</summary>
    public static ConfigOption? Find(IReadOnlyList<ConfigOption>? options, string category) =>
        options?.FirstOrDefault(o => o.Category == category) ?? options?.FirstOrDefault(o => o.Id == category);

    private static IEnumerable<string> Flatten(JsonElement options)
    {
        if (options.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (JsonElement option in options.EnumerateArray().Where(o => o.ValueKind == JsonValueKind.Object))
        {
            if (option.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.String)
                yield return value.GetString()!;
            if (option.TryGetProperty("options", out JsonElement group))
            {
                foreach (string inner in Flatten(group))
                    yield return inner;
            }
        }
    }
}

internal sealed record PromptReply
{
    public string? StopReason { get; set; }

    public TokenUsage? Usage { get; set; }

    [JsonPropertyName("_meta")]
    public JsonElement Meta { get; set; }

    /// <summary>The answer as JSON, which some agents add if the prompt carried a schema; null without it.</summary>
    public string? StructuredOutput =>
        Meta.ValueKind == JsonValueKind.Object && Meta.TryGetProperty("structuredOutput", out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
}

internal sealed record PermissionQuestion
{
    public string? SessionId { get; init; }

    public ToolCallMessage? ToolCall { get; init; }

    public IReadOnlyList<PermissionOption>? Options { get; init; }

    [JsonPropertyName("_meta")]
    public JsonElement Meta { get; init; }
}

/// <summary>Some versions use id and label instead of optionId and name.</summary>
internal sealed record PermissionOption(string? OptionId, string? Id, string? Kind, string? Name, string? Label)
{
    public string? Key => OptionId ?? Id;

    public string? Caption => Name ?? Label;
}

internal sealed record ToolCallMessage
{
    public string? ToolCallId { get; init; }

    public string? Title { get; init; }

    public string? Kind { get; init; }

    public string? Status { get; init; }

    public IReadOnlyList<ToolCallLocation>? Locations { get; init; }

    public string? Name { get; init; }

    /// <summary>Not in the standard.</summary>
    public string? ToolName { get; init; }

    /// <inheritdoc cref="ToolName"/>
    public string? McpServerName { get; init; }

    public JsonElement RawInput { get; init; }

    [JsonPropertyName("_meta")]
    public JsonElement Meta { get; init; }
}

internal sealed record ToolCallLocation(string? Path);

internal sealed record UsageMessage(double? Used, double? Size, CostMessage? Cost)
{
    /// <summary>The used share of the context, 0 to 100.</summary>
    public double? Percent => this is { Used: { } used, Size: > 0 and var size } ? TurnMeter.Percent(100 * used / size) : null;
}

internal sealed record CostMessage(double? Amount, string? Currency);

/// <summary>The tokens of a turn, which some agents add to its response.</summary>
internal sealed record TokenUsage(double? InputTokens, double? OutputTokens, double? CachedReadTokens, double? CachedWriteTokens)
{
    public TurnMeter ToMeter() => new()
    {
        InputTokens = TurnMeter.Count(InputTokens),
        OutputTokens = TurnMeter.Count(OutputTokens),
        CachedReadTokens = TurnMeter.Count(CachedReadTokens),
        CachedWriteTokens = TurnMeter.Count(CachedWriteTokens),
    };
}

internal sealed record ReplayMessage(string? SessionId, ReplayUpdate? Update);

internal sealed record EarlyOptions(string? SessionId, ConfigMessage? Update);

internal sealed record ReplayUpdate(string? SessionUpdate, [property: JsonPropertyName("_meta")] JsonElement Meta)
{
    /// <summary>V3 marks every replayed update.</summary>
    public bool IsMarked => Meta.ValueKind == JsonValueKind.Object && Meta.TryGetProperty("kiro", out JsonElement kiro)
        && kiro.ValueKind == JsonValueKind.Object && kiro.TryGetProperty("replay", out JsonElement replay) && replay.ValueKind == JsonValueKind.True;
}

internal sealed record PlanMessage(IReadOnlyList<PlanEntryMessage>? Entries);

internal sealed record PlanEntryMessage(string? Content, string? Priority, string? Status);

internal sealed record ModeMessage(string? CurrentModeId);

internal sealed record ConfigMessage(IReadOnlyList<ConfigOption>? ConfigOptions)
{
    /// <summary>The chosen value of a category, or of the option with that name.</summary>
    public string? Current(string category) => ConfigOption.Find(ConfigOptions, category)?.Current;

    /// <summary>The options of a reply, and the options of earlier updates that the reply leaves out.</summary>
    public static IReadOnlyList<ConfigOption>? Merge(IReadOnlyList<ConfigOption>? reply, IReadOnlyList<ConfigOption>? apart) =>
        reply is null || apart is null ? reply ?? apart : [.. reply, .. apart.Where(o => !reply.Any(r => r.Id == o.Id))];
}

internal sealed record KiroNotice(string? SessionId, string? Message, string? RequestedAgent);

/// <summary>kiro-cli V2 used another model than the requested one.</summary>
internal sealed record ModelFallBack(string? SessionId, string? Kind, string? SessionUpdate, string? FallbackModel, string? FallbackModelId, string? ToModel, ModelFallBack? Update)
{
    /// <summary>The model that answers; null for another kind of message.</summary>
    public string? Model => Update?.Model ?? (Kind == "model_fallback" || SessionUpdate == "model_fallback" ? FallbackModel ?? FallbackModelId ?? ToModel : null);
}
