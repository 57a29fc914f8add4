using System.Text.Json;
using System.Text.Json.Serialization;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Acp;

internal sealed record InitializeParams(int ProtocolVersion, ClientCapabilities ClientCapabilities, Implementation ClientInfo);

internal sealed record ClientCapabilities(FileSystemCapabilities Fs, bool Terminal, ClientSessionCapabilities Session, ElicitationCapabilities? Elicitation);

internal sealed record ElicitationCapabilities(NoParams Form, NoParams Url);

/// <summary>Options that are switches come only to a client that announces them.</summary>
internal sealed record ClientSessionCapabilities(ConfigOptionCapabilities ConfigOptions);

internal sealed record ConfigOptionCapabilities(NoParams Boolean);

internal sealed record FileSystemCapabilities(bool ReadTextFile, bool WriteTextFile);

internal sealed record AuthenticateParams(string MethodId);

internal record NewSessionParams(string Cwd, IReadOnlyList<JsonElement> McpServers)
{
    public NewSessionParams(string cwd, SessionExtras extras)
        : this(cwd, extras.McpServers) =>
        (AdditionalDirectories, SystemPrompt, Meta) = (extras.AdditionalDirectories, extras.SystemPrompt, extras.Meta);

    public IReadOnlyList<string>? AdditionalDirectories { get; }

    public SystemPromptMessage? SystemPrompt { get; }

    [JsonPropertyName("_meta")]
    public JsonElement? Meta { get; }
}

/// <summary>The parameters of session/load, session/resume and session/fork.</summary>
internal sealed record LoadSessionParams(string SessionId, string Cwd, SessionExtras Extras) : NewSessionParams(Cwd, Extras)
{
    [JsonIgnore]
    public SessionExtras Extras { get; } = Extras;
}

internal sealed record SystemPromptMessage(string Mode, IReadOnlyList<ContentBlock> Content);

internal sealed record ListSessionsParams(string Cwd, string? Cursor);

internal sealed record SessionParams(string SessionId);

internal sealed record SetModeParams(string SessionId, string ModeId);

internal sealed record SetModelParams(string SessionId, string ModelId);

internal sealed record SetConfigOptionParams(string SessionId, string ConfigId, string Value);

internal sealed record SetConfigSwitchParams(string SessionId, string ConfigId, bool Value)
{
    public string Type { get; } = "boolean";
}

internal sealed record PromptParams(string SessionId, IReadOnlyList<ContentBlock> Prompt)
{
    [JsonPropertyName("_meta")]
    public JsonElement? Meta { get; init; }
}

internal sealed record NoParams;

internal sealed record ContentBlock(string Type)
{
    public string? Text { get; init; }

    public string? Uri { get; init; }

    public string? Name { get; init; }

    public long? Size { get; init; }

    public string? MimeType { get; init; }

    /// <summary>An image's bytes, which JSON carries in base64.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    public TextResource? Resource { get; init; }
}

internal sealed record TextResource(string Uri, string Text);

internal sealed record PermissionReply(PermissionOutcome Outcome);

internal sealed record PermissionOutcome(string Outcome, string? OptionId = null)
{
    public static PermissionOutcome Cancelled => new("cancelled");

    public static PermissionOutcome Selected(string optionId) => new("selected", optionId);
}

/// <summary>
/// Writes what an agent gets. The build generates only the code that writes: a description of the types, as reading needs it,
/// would be compiled in every process before its first prompt.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InitializeParams))]
[JsonSerializable(typeof(AuthenticateParams))]
[JsonSerializable(typeof(NewSessionParams))]
[JsonSerializable(typeof(LoadSessionParams))]
[JsonSerializable(typeof(SessionParams))]
[JsonSerializable(typeof(ListSessionsParams))]
[JsonSerializable(typeof(SetModeParams))]
[JsonSerializable(typeof(SetModelParams))]
[JsonSerializable(typeof(SetConfigOptionParams))]
[JsonSerializable(typeof(SetConfigSwitchParams))]
[JsonSerializable(typeof(PromptParams))]
[JsonSerializable(typeof(NoParams))]
[JsonSerializable(typeof(PermissionReply))]
[JsonSerializable(typeof(ElicitationReply))]
[JsonSerializable(typeof(TerminalCreated))]
[JsonSerializable(typeof(TerminalOutputReply))]
[JsonSerializable(typeof(TerminalExit))]
internal sealed partial class OutgoingJson : JsonSerializerContext;

/// <summary>Reads what an agent sends. The code is generated at build time, for a quick start without reflection.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ListSessionsReply))]
[JsonSerializable(typeof(ElicitationQuestion))]
[JsonSerializable(typeof(TerminalCommand))]
[JsonSerializable(typeof(TerminalParams))]
[JsonSerializable(typeof(InitializeReply))]
[JsonSerializable(typeof(SessionReply))]
[JsonSerializable(typeof(PromptReply))]
[JsonSerializable(typeof(PermissionQuestion))]
[JsonSerializable(typeof(ChunkMessage))]
[JsonSerializable(typeof(ToolCallMessage))]
[JsonSerializable(typeof(UsageMessage))]
[JsonSerializable(typeof(ReplayMessage))]
[JsonSerializable(typeof(EarlyOptions))]
[JsonSerializable(typeof(PlanMessage))]
[JsonSerializable(typeof(ModeMessage))]
[JsonSerializable(typeof(ConfigMessage))]
[JsonSerializable(typeof(KiroNotice))]
[JsonSerializable(typeof(KiroUsage))]
[JsonSerializable(typeof(ModelFallBack))]
internal sealed partial class IncomingJson : JsonSerializerContext;
