using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The v2 engine: modes and models in the reply, <c>_kiro.dev</c> notifications, errors with their text in <c>data</c>.</summary>
internal sealed class V2Dialect(AgentContext context) : Dialect(context)
{
    private readonly Catalog _catalog = context.Catalog;

    public override string NewSessionId() => Guid.NewGuid().ToString();

    public override void WriteInitialize(Utf8JsonWriter json)
    {
        SimulatorSettings settings = Context.Settings;
        json.WriteNumber("protocolVersion"u8, 1);
        json.WriteStartObject("agentCapabilities"u8);
        json.WriteBoolean("loadSession"u8, settings.LoadSession);
        json.WriteStartObject("promptCapabilities"u8);
        json.WriteBoolean("image"u8, settings.ImagePrompts);
        json.WriteBoolean("audio"u8, false);
        json.WriteBoolean("embeddedContext"u8, false);
        json.WriteEndObject();
        json.WriteStartObject("mcpCapabilities"u8);
        json.WriteBoolean("http"u8, true);
        json.WriteBoolean("sse"u8, false);
        json.WriteEndObject();
        json.WriteStartObject("sessionCapabilities"u8);
        if (settings.Close == CloseStyle.Standard)
        {
            json.WriteStartObject("close"u8);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (settings.OutputSchema is not null)
        {
            // Under a name of its own, as agents that take schemas announce it.
            json.WriteStartObject("_meta"u8);
            json.WriteStartObject("kiro-cli-simulator"u8);
            json.WriteBoolean("outputSchema"u8, true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("agentInfo"u8);
        json.WriteString("name"u8, "kiro-cli-simulator"u8);
        json.WriteString("title"u8, "Kiro CLI (simulator)"u8);
        json.WriteString("version"u8, settings.TheVersion);
        json.WriteEndObject();
        json.WriteStartArray("authMethods"u8);
        if (!settings.SignedIn)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, "kiro-login"u8);
            json.WriteString("name"u8, "Kiro login"u8);
            json.WriteString("description"u8, "Run 'kiro-cli login' in a terminal"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public override Task RequireAccountAsync() => Context.Settings.SignedIn ? Task.CompletedTask : throw NotLoggedIn();

    public static RpcException NotLoggedIn() => new(RpcException.AuthenticationRequired, "You are not logged in");

    public override CloseMethod? CloseMethodOf(string method) => (Context.Settings.Close ?? CloseStyle.Kiro, method) switch
    {
        (CloseStyle.Standard, "session/close") or (CloseStyle.Kiro, "_kiro.dev/session/terminate") => new CloseMethod(Destroys: false),
        _ => null,
    };

    public override bool Knows(string method) => method is "session/set_mode" or "session/set_model";

    public override RpcException UnknownMethod(string method) => RpcException.Unknown(method);

    public override RpcException UnknownSession(string id) => RpcException.Internal($"Session not found: {id}");

    public override RpcException Error(string text) => RpcException.Internal(text);

    public override RpcException RateLimit(string? sessionId, string message)
    {
        NoticeRateLimit(sessionId, message);
        return RpcException.Internal(message);
    }

    public override void NoticeRateLimit(string? sessionId, string message) => Context.Wire.Notify("_kiro.dev/error/rate_limit", json =>
    {
        if (sessionId is not null)
            json.WriteString("sessionId"u8, sessionId);
        json.WriteString("message"u8, message);
    });

    public override void NotFound(string sessionId, string what, string requested, string fallback) =>
        Context.Wire.Notify($"_kiro.dev/{what}/not_found", json =>
        {
            string suffix = what == "agent" ? "Agent" : "Model";
            json.WriteString("sessionId"u8, sessionId);
            json.WriteString($"requested{suffix}", requested);
            json.WriteString($"fallback{suffix}", fallback);
        });

    public override string Choose(AcpSession session, string model)
    {
        string taken = _catalog.HasModel(model) ? model : _catalog.DefaultModel;
        if (taken != model)
            NotFound(session.Id, "model", model, taken);
        return taken;
    }

    public override void WriteSession(Utf8JsonWriter json, AcpSession session)
    {
        _catalog.WriteModes(json, session);
        json.WriteStartObject("models"u8);
        json.WriteString("currentModelId"u8, session.Model);
        json.WriteStartArray("availableModels"u8);
        foreach (ModelSetting model in Context.Settings.Models)
        {
            json.WriteStartObject();
            json.WriteString("modelId"u8, model.Id);
            json.WriteString("name"u8, model.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // The real one never answers when it does not know the session (kirodotdev/Kiro#6753).
    public override List<Exchange>? HistoryOfUnknown(string id) => null;

    public override void Replay(AcpSession session, Exchange exchange)
    {
        Context.Wire.Chunk(session.Id, "user_message_chunk", exchange.Prompt.AsMemory());
        Context.Wire.Chunk(session.Id, "agent_message_chunk", exchange.Answer.AsMemory());
    }

    public override void WriteOptions(Utf8JsonWriter json, AcpSession session)
    {
    }

    public override bool AbortsForNextPrompt => false;

    public override ValueTask BeginTurnAsync(AcpSession session, PromptContent prompt) => ValueTask.CompletedTask;

    public override bool HearsCancel(bool turnHasBegun) => true;

    public override void EndTurn(AcpSession session, TurnEnd end)
    {
        if (end.Failed)
            return;
        Context.Wire.Notify("_kiro.dev/metadata", json =>
        {
            json.WriteString("sessionId"u8, session.Id);
            json.WriteNumber("contextUsagePercentage"u8, end.ContextPercent);
            json.WriteStartArray("meteringUsage"u8);
            if (end.Credits > 0)
            {
                json.WriteStartObject();
                json.WriteNumber("value"u8, end.Credits);
                json.WriteString("unit"u8, "credit"u8);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("turnDurationMs"u8, end.Ms);
        });
    }

    public override string NewToolId(string kind) => $"tooluse_{Guid.NewGuid():N}";

    public override PermissionRequest AskForTool(string sessionId, string toolCallId, string kind, string title, string word) =>
        PermissionRequest.OfV2(sessionId, toolCallId, kind, title, Context.Settings.LegacyPermissionOptions);

    /// <summary>Says that the account's limits had another model answer (2.27.1 and later do so by default).</summary>
    public void FallBackToModel(AcpSession session, string model) => Context.Wire.Notify("_kiro.dev/session/update", json =>
    {
        json.WriteString("sessionId"u8, session.Id);
        json.WriteStartObject("update"u8);
        json.WriteString("sessionUpdate"u8, "model_fallback"u8);
        json.WriteString("kind"u8, "model_fallback"u8);
        json.WriteString("requestedModel"u8, session.Model);
        json.WriteString("fallbackModel"u8, model);
        json.WriteEndObject();
    });
}
