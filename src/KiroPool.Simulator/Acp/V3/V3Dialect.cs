using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The v3 engine, as its traffic was recorded.</summary>
internal sealed class V3Dialect(AgentContext context) : Dialect(context)
{
    private readonly V3Frames _frames = new(context);
    private readonly V3Options _options = new(context);
    private readonly V3Account _account = new(context);

    public override string NewSessionId() => $"sess_{Guid.NewGuid()}";

    public override void WriteInitialize(Utf8JsonWriter json) => V3Initialize.Write(json, Context.Settings, Close);

    public override void Initialized() => _account.AskForToken();

    public override Task RequireAccountAsync() => _account.RequireForSessionAsync();

    private CloseStyle Close => Context.Settings.Close ?? (Context.Settings.IsAtLeast(2, 20) ? CloseStyle.Standard : CloseStyle.Kiro);

    public override CloseMethod? CloseMethodOf(string method) => method switch
    {
        "session/close" when Close == CloseStyle.Standard => new CloseMethod(Destroys: false),
        "_kiro/session/delete" when Close != CloseStyle.None => new CloseMethod(Destroys: true, json => json.WriteBoolean("success"u8, true)),
        _ => null,
    };

    public override FrameBody? Usage(string method) =>
        method == "_kiro/account/getUsage" && Context.Settings.V3.Usage is { } usage ? json => V3Usage.Write(json, usage, Context.CreditsUsed) : null;

    public override bool Knows(string method) => method is "session/set_mode" or "session/set_config_option";

    public override RpcException UnknownMethod(string method) =>
        method.StartsWith("_kiro.dev/", StringComparison.Ordinal)
            ? RpcException.Details($"[PersistenceClassification] Ext method \"{method}\" has no persistence classification. Add it to KnownExtMethod in persistence-classification.ts.")
        : method.StartsWith('_') ? RpcException.Details($"Unknown ext method: {method}")
        : RpcException.Bare(RpcException.MethodNotFound, $"\"Method not found\": {method}");

    public override RpcException UnknownSession(string id) => RpcException.Kas($"Session '{id}' not found", "SessionNotFoundError", "CLIENT_ERROR");

    public override RpcException Error(string text) => RpcException.Kas(text, "InternalServerError", "SERVER_ERROR");

    public override RpcException Error(Fault fault, string text) => fault switch
    {
        { ErrorType: { } type } => RpcException.Kas(fault.Text ?? text, type, fault.RetryErrorType ?? "CLIENT_ERROR"),
        { Code: { } code } => RpcException.Bare(code, fault.Text ?? text),
        _ => Error(fault.Text ?? text),
    };

    public override RpcException RateLimit(string? sessionId, string message)
    {
        NoticeRateLimit(sessionId, message);
        return RpcException.Kas($"{message}, please wait before trying again. (Request ID {Guid.NewGuid()})", "ThrottlingError", "THROTTLING");
    }

    public override void NoticeRateLimit(string? sessionId, string message) => Context.Wire.Notify("_kiro/error/rate_limit", json =>
    {
        WriteSession(json, sessionId);
        json.WriteString("message"u8, message);
        json.WriteNumber("retryAfterMs"u8, 1000);
    });

    /// <summary>Only agents are missed: any model is taken, and the first prompt fails.</summary>
    public override void NotFound(string sessionId, string what, string requested, string fallback) =>
        Context.Wire.Notify("_kiro/customAgent/not_found", json =>
        {
            WriteSession(json, sessionId);
            json.WriteString("requestedAgent"u8, requested);
            json.WriteString("fallbackAgent"u8, fallback);
        });

    private void WriteSession(Utf8JsonWriter json, string? sessionId)
    {
        if (sessionId is not null && Context.Settings.V3.NoticesNameSession)
            json.WriteString("sessionId"u8, sessionId);
    }

    public override string Choose(AcpSession session, string model) => model;

    public override void BeforeSession(AcpSession session)
    {
        _frames.Preparing(session);
        if (_options.Come == ModelsCome.Early)
            _options.Announce(session);
    }

    public override void WriteSession(Utf8JsonWriter json, AcpSession session)
    {
        Context.Catalog.WriteModes(json, session);
        _options.Write(json, session, withModels: _options.Come == ModelsCome.Reply);
    }

    public override void AfterSession(AcpSession session)
    {
        if (_options.Come == ModelsCome.After)
            _options.Announce(session);
        _frames.Prepared(session);
    }

    public override List<Exchange>? HistoryOfUnknown(string id) => Context.Settings.V3.UnknownSession switch
    {
        LoadOfUnknown.Error => throw UnknownSession(id),
        LoadOfUnknown.Empty => [],
        _ => null,
    };

    public override void Replay(AcpSession session, Exchange exchange) => _frames.Replay(session, exchange);

    public override void BeforeOptions(AcpSession session)
    {
        if (_options.Come == ModelsCome.Late)
            _options.Announce(session);
    }

    public override void WriteOptions(Utf8JsonWriter json, AcpSession session) =>
        _options.Write(json, session, withModels: _options.Come != ModelsCome.Never);

    public override bool AbortsForNextPrompt => true;

    public override async ValueTask BeginTurnAsync(AcpSession session, PromptContent prompt)
    {
        _frames.Received(session, prompt.Text);
        if (_options.Come == ModelsCome.Late && !session.KnowsModels)
            _options.Announce(session);
        _frames.Focus(session, prompt.Text, "in_progress");
        await AgentContext.PauseAsync(Context.Settings.V3.TurnStartMs).ConfigureAwait(false);
        _frames.TurnStart(session);
        _account.RequireForPrompt();
        if (!Context.Catalog.HasModel(session.Model))
            throw RpcException.Kas($"The model '{session.Model}' is not available. Please select a different model.", "InvalidModelError", "CLIENT_ERROR");
    }

    public override bool HearsCancel(bool turnHasBegun) => turnHasBegun || !Context.Settings.V3.LosesEarlyCancel;

    public override FrameBody? MetaOfChunk(AcpSession session) => json => json.WriteString("replayId"u8, session.ReplayId);

    public override void EndTurn(AcpSession session, TurnEnd end) => _frames.TurnEnd(session, end);

    public override void AfterTurn(AcpSession session)
    {
        session.ContextPercent = Context.Settings.V3.LateContextPercent ?? session.ContextPercent;
        _frames.ContextUsage(session);
    }

    public override string NewToolId(string kind) => $"{(kind == "execute" ? "run_command_" : "")}tooluse_{Guid.NewGuid():N}";

    public override FrameBody? MetaOfTool => static json => json.WriteString("toolOrigin"u8, "default"u8);

    public override PermissionRequest AskForTool(string sessionId, string toolCallId, string kind, string title, string word) =>
        V3Questions.ForTool(sessionId, toolCallId, kind, title, word);

    public override PermissionRequest? AskForTurn(string sessionId, IReadOnlyList<string> writes) =>
        Context.Settings.V3.Autopilot || writes.Count == 0 ? null : V3Questions.ForTurn(sessionId, writes);

    public override void NoticeQuestion(string sessionId, string toolCallId, string type, string? answer) =>
        _frames.Question(sessionId, toolCallId, type, answer);
}
