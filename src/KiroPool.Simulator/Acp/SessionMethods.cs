using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The methods about sessions.</summary>
internal sealed class SessionMethods(AgentContext context)
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AcpSession> _sessions = [];
    private readonly Catalog _catalog = new(context);
    private bool _hadFirst;

    /// <summary>The one method that ends a session here, if there is any.</summary>
    public string? CloseMethod { get; } = context.Settings.Close switch
    {
        CloseStyle.Standard => "session/close",
        CloseStyle.Kiro => context.IsV3 ? "_kiro/session/delete" : "_kiro.dev/session/terminate",
        _ => null,
    };

    public async Task NewAsync(string requestId, JsonElement parameters)
    {
        string directory = CheckSetup(parameters);
        bool isFirst = TakeFirst();
        string id = Guid.NewGuid().ToString();
        context.Log.Write("session/new", id, directory);

        Fault[] faults = context.Faults.Take(FaultPoint.SessionNew);
        await new FaultStep(context, FaultPoint.SessionNew, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        await AgentContext.PauseAsync(isFirst ? context.Settings.FirstSessionMs : context.Settings.SessionMs).ConfigureAwait(false);

        AcpSession session = Configure(id, isFirst, faults);
        context.Store.Create(id);
        Add(session);
        if (faults.FirstOrDefault(fault => fault.Do == FaultKind.Early) is { } early)
            SendEarlyUpdates(id, early.Text ?? "early");
        context.Wire.Respond(requestId, json =>
        {
            json.WriteString("sessionId"u8, id);
            _catalog.Write(json, session);
        });
        await context.IdleAsync().ConfigureAwait(false);
    }

    public async Task LoadAsync(string requestId, JsonElement parameters)
    {
        CheckSetup(parameters);
        string id = parameters.String("sessionId");
        bool isFirst = TakeFirst();
        context.Log.Write("load", id);

        Fault[] faults = context.Faults.Take(FaultPoint.SessionLoad);
        await new FaultStep(context, FaultPoint.SessionLoad, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        await AgentContext.PauseAsync(isFirst ? context.Settings.FirstSessionMs : context.Settings.SessionMs).ConfigureAwait(false);
        if (faults.FirstOrDefault(fault => fault.Do == FaultKind.Refuse) is { } refusal)
            throw RpcException.Internal(refusal.Text ?? $"Session is active in another process (PID {Environment.ProcessId})");

        List<Exchange>? history = Find(id) is { } open ? [.. open.History] : context.Store.Load(id);
        // The real one never answers when it does not know the session (kirodotdev/Kiro#6753).
        if (history is null)
            return;
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            history = [];

        // Which agent and model it had is forgotten: who resumes a session has to choose them again.
        AcpSession session = new(id, _catalog.DefaultAgent, _catalog.DefaultModel) { History = history };
        foreach (Exchange exchange in history)
        {
            context.Wire.Chunk(id, "user_message_chunk", exchange.Prompt.AsMemory());
            context.Wire.Chunk(id, "agent_message_chunk", exchange.Answer.AsMemory());
        }
        Add(session);
        context.Wire.Respond(requestId, json => _catalog.Write(json, session));
        await context.IdleAsync().ConfigureAwait(false);
    }

    public Task PromptAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = Get(parameters);
        PromptContent prompt = PromptContent.Parse(parameters, context.Settings.ImagePrompts);
        Turn turn = new(context, session, requestId, prompt);
        bool begins = session.TryBegin(turn);
        context.Log.Write(begins ? "prompt" : "prompt-refused", session.Id, prompt.Text, json =>
        {
            json.WriteString("agent"u8, session.Mode);
            json.WriteString("model"u8, session.Model);
            if (prompt.IsCommand)
                json.WriteBoolean("command"u8, true);
        });
        return begins ? turn.Start() : throw RpcException.Internal("Prompt already in progress");
    }

    public void Cancel(JsonElement parameters)
    {
        string? id = parameters.TryString("sessionId");
        context.Log.Write("cancel", id);
        Find(id)?.RunningTurn?.Cancel();
    }

    public async Task CloseAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = Get(parameters);
        context.Log.Write("close", session.Id);
        await new FaultStep(context, FaultPoint.Close, requestId, null).PlayAsync(context.Faults.Take(FaultPoint.Close)).ConfigureAwait(false);

        lock (_lock)
            _sessions.Remove(session.Id);
        if (session.RunningTurn is { } turn)
        {
            turn.Cancel();
            await Task.WhenAny(turn.Completion, Task.Delay(CloseGrace)).ConfigureAwait(false);
        }
        if (context.IsV3)
            context.Store.Delete(session.Id);
        else
            context.Store.Release(session.Id);
        context.Wire.Respond(requestId);
    }

    public async Task SetModeAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = Get(parameters);
        await ChooseAgentAsync(requestId, session, parameters.String("modeId")).ConfigureAwait(false);
        context.Wire.Respond(requestId);
    }

    public async Task SetModelAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = Get(parameters);
        await ChooseModelAsync(requestId, session, parameters.String("modelId")).ConfigureAwait(false);
        context.Wire.Respond(requestId);
    }

    public async Task SetConfigOptionAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = Get(parameters);
        string option = parameters.String("configId");
        string value = parameters.String("value");
        if (option == "mode")
            await ChooseAgentAsync(requestId, session, value).ConfigureAwait(false);
        else if (option == "model")
            await ChooseModelAsync(requestId, session, value).ConfigureAwait(false);
        else
            throw RpcException.Invalid($"Unknown config option: {option}");
        context.Wire.Respond(requestId, json => _catalog.WriteConfigOptions(json, session));
    }

    private async ValueTask ChooseAgentAsync(string requestId, AcpSession session, string name)
    {
        context.Log.Write("set_mode", session.Id, name);
        Fault[] faults = context.Faults.Take(FaultPoint.SetMode);
        await new FaultStep(context, FaultPoint.SetMode, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return;
        if (!_catalog.HasAgent(name))
            throw RpcException.Internal($"Mode '{name}' not found");
        session.Mode = name;
    }

    private async ValueTask ChooseModelAsync(string requestId, AcpSession session, string name)
    {
        context.Log.Write("set_model", session.Id, name);
        Fault[] faults = context.Faults.Take(FaultPoint.SetModel);
        await new FaultStep(context, FaultPoint.SetModel, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return;
        session.Model = _catalog.HasModel(name) ? name : _catalog.DefaultModel;
        if (session.Model != name)
            NotFound(session.Id, "model", "Model", name, session.Model);
    }

    private AcpSession Configure(string id, bool isFirst, Fault[] faults)
    {
        string agent = (isFirst ? context.Arguments.Agent : null) ?? _catalog.DefaultAgent;
        string model = (isFirst ? context.Arguments.Model : null) ?? _catalog.DefaultModel;
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return new AcpSession(id, _catalog.AgentInsteadOf(agent), _catalog.ModelInsteadOf(model));

        AcpSession session = new(
            id,
            _catalog.HasAgent(agent) ? agent : _catalog.DefaultAgent,
            _catalog.HasModel(model) ? model : _catalog.DefaultModel);
        if (session.Mode != agent)
            NotFound(id, "agent", "Agent", agent, session.Mode);
        if (session.Model != model)
            NotFound(id, "model", "Model", model, session.Model);
        return session;
    }

    private void NotFound(string sessionId, string what, string suffix, string requested, string fallback) =>
        context.Wire.Notify($"_kiro.dev/{what}/not_found", json =>
        {
            json.WriteString("sessionId"u8, sessionId);
            json.WriteString($"requested{suffix}", requested);
            json.WriteString($"fallback{suffix}", fallback);
        });

    private void SendEarlyUpdates(string id, string text)
    {
        context.Wire.Update(id, "available_commands_update", json =>
        {
            json.WriteStartArray("availableCommands"u8);
            json.WriteStartObject();
            json.WriteString("name"u8, "usage"u8);
            json.WriteString("description"u8, "Show the credits used"u8);
            json.WriteEndObject();
            json.WriteEndArray();
        });
        context.Wire.Chunk(id, "agent_message_chunk", text.AsMemory());
    }

    private string CheckSetup(JsonElement parameters)
    {
        string directory = parameters.String("cwd");
        parameters.RequireArray("mcpServers");
        if (!Path.IsPathFullyQualified(directory))
            throw RpcException.Invalid("cwd must be an absolute path");

        // v3 signs in only where it was told how to.
        bool isSignedIn = context.Settings.SignedIn && (!context.IsV3 || context.Arguments.AuthMethod == "cli");
        return isSignedIn ? directory : throw AcpAgent.NotLoggedIn();
    }

    private bool TakeFirst() => !_hadFirst && (_hadFirst = true);

    private void Add(AcpSession session)
    {
        lock (_lock)
            _sessions[session.Id] = session;
    }

    private AcpSession Get(JsonElement parameters)
    {
        string id = parameters.String("sessionId");
        return Find(id) ?? throw RpcException.Internal($"Session not found: {id}");
    }

    private AcpSession? Find(string? id)
    {
        lock (_lock)
            return id is null ? null : _sessions.GetValueOrDefault(id);
    }
}
