using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The methods that make and end sessions, and prompt in them.</summary>
internal sealed class SessionMethods(AgentContext context)
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);

    private readonly Dialect _dialect = context.Dialect;
    private readonly Catalog _catalog = context.Catalog;
    private bool _hadFirst;

    public async Task NewAsync(string requestId, JsonElement parameters)
    {
        string directory = SessionSetup.Check(parameters);
        SessionWish wish = SessionWish.Read(parameters);
        SessionExtras extras = SessionExtras.Read(parameters);
        bool isFirst = TakeFirst();
        string id = _dialect.NewSessionId();
        await _dialect.RequireAccountAsync().ConfigureAwait(false);
        context.Log.Write("session/new", id, directory);
        LogExtras(id, extras);

        Fault[] faults = context.Faults.Take(FaultPoint.SessionNew);
        await new FaultStep(context, FaultPoint.SessionNew, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        await AgentContext.PauseAsync(isFirst ? context.Settings.FirstSessionMs : context.Settings.SessionMs).ConfigureAwait(false);

        AcpSession session = Configure(id, isFirst, wish, faults);
        context.Store.Create(id);
        context.Sessions.Add(session);
        _dialect.BeforeSession(session);
        if (faults.FirstOrDefault(fault => fault.Do == FaultKind.Early) is { } early)
            SendEarlyUpdates(id, early.Text ?? "early");
        context.Wire.Respond(requestId, json =>
        {
            json.WriteString("sessionId"u8, id);
            _dialect.WriteSession(json, session);
        });
        _dialect.AfterSession(session);
        await context.IdleAsync().ConfigureAwait(false);
    }

    public async Task LoadAsync(string requestId, JsonElement parameters)
    {
        SessionSetup.Check(parameters);
        string id = parameters.String("sessionId");
        bool isFirst = TakeFirst();
        context.Log.Write("load", id);
        await _dialect.RequireAccountAsync().ConfigureAwait(false);

        Fault[] faults = context.Faults.Take(FaultPoint.SessionLoad);
        await new FaultStep(context, FaultPoint.SessionLoad, requestId, null).PlayAsync(faults).ConfigureAwait(false);
        await AgentContext.PauseAsync(isFirst ? context.Settings.FirstSessionMs : context.Settings.SessionMs).ConfigureAwait(false);
        if (faults.FirstOrDefault(fault => fault.Do == FaultKind.Refuse) is { } refusal)
            throw RpcException.Internal(refusal.Text ?? $"Session is active in another process (PID {Environment.ProcessId})");

        List<Exchange>? history = context.Sessions.Find(id) is { } open ? [.. open.History] : context.Store.Load(id) ?? _dialect.HistoryOfUnknown(id);
        if (history is null)
            return;
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            history = [];

        // Which agent and model it had is forgotten: who resumes a session has to choose them again.
        AcpSession session = new(id, _catalog.DefaultAgent, _catalog.DefaultModel) { History = history };
        foreach (Exchange exchange in history)
            _dialect.Replay(session, exchange);
        context.Sessions.Add(session);
        context.Wire.Respond(requestId, json => _dialect.WriteSession(json, session));
        _dialect.AfterSession(session);
        await context.IdleAsync().ConfigureAwait(false);
    }

    public Task ListAsync(string requestId, JsonElement parameters)
    {
        string? directory = parameters.TryString("cwd");
        IReadOnlyList<(string Id, string? Title)> stored = context.Store.List();
        context.Wire.Respond(requestId, json =>
        {
            json.WriteStartArray("sessions"u8);
            foreach ((string id, string? title) in stored)
            {
                json.WriteStartObject();
                json.WriteString("sessionId"u8, id);
                json.WriteString("cwd"u8, directory);
                json.WriteString("title"u8, title);
                json.WriteString("updatedAt"u8, "2026-11-27T08:00:00Z"u8);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string requestId, JsonElement parameters)
    {
        string id = parameters.String("sessionId");
        context.Log.Write("delete", id);
        context.Store.Remove(id);
        context.Wire.Respond(requestId);
        return Task.CompletedTask;
    }

    public async Task ForkAsync(string requestId, JsonElement parameters)
    {
        SessionSetup.Check(parameters);
        AcpSession source = context.Sessions.Get(parameters);
        string id = _dialect.NewSessionId();
        context.Log.Write("fork", source.Id, id);
        await AgentContext.PauseAsync(context.Settings.SessionMs).ConfigureAwait(false);

        AcpSession session = new(id, source.Mode, source.Model) { History = [.. source.History], ContextPercent = source.ContextPercent };
        context.Store.Create(id);
        foreach (Exchange exchange in session.History)
            context.Store.Append(id, exchange);
        context.Sessions.Add(session);
        context.Wire.Respond(requestId, json =>
        {
            json.WriteString("sessionId"u8, id);
            _dialect.WriteSession(json, session);
        });
        _dialect.AfterSession(session);
    }

    public async Task PromptAsync(string requestId, JsonElement parameters)
    {
        AcpSession session = context.Sessions.Get(parameters);
        PromptContent prompt = PromptContent.Parse(parameters, context.Settings.ImagePrompts);
        Turn turn = new(context, session, requestId, prompt);
        bool begins = session.TryBegin(turn);
        if (!begins && _dialect.AbortsForNextPrompt)
        {
            await AbortAsync(session).ConfigureAwait(false);
            begins = session.TryBegin(turn);
        }

        if (prompt.Meta is { } meta)
            context.Log.Write("prompt-meta", session.Id, meta);
        if (prompt.TraceParent is { } span)
            context.Log.Write("traceparent", session.Id, span);
        context.Log.Write(begins ? "prompt" : "prompt-refused", session.Id, prompt.Text, json =>
        {
            json.WriteString("agent"u8, session.Mode);
            json.WriteString("model"u8, session.Model);
            if (prompt.IsCommand)
                json.WriteBoolean("command"u8, true);
        });
        await (begins ? turn.Start() : throw RpcException.Internal("Prompt already in progress")).ConfigureAwait(false);
    }

    public void Cancel(JsonElement parameters)
    {
        string? id = parameters.TryString("sessionId");
        context.Log.Write("cancel", id);
        context.Sessions.Find(id)?.RunningTurn?.Cancel();
    }

    public async Task CloseAsync(string requestId, string method, CloseMethod close, JsonElement parameters)
    {
        AcpSession session = context.Sessions.Get(parameters);
        context.Log.Write("close", session.Id, method);
        await new FaultStep(context, FaultPoint.Close, requestId, null).PlayAsync(context.Faults.Take(FaultPoint.Close)).ConfigureAwait(false);

        context.Sessions.Remove(session);
        await AbortAsync(session).ConfigureAwait(false);
        if (close.Destroys)
            context.Store.Delete(session.Id);
        else
            context.Store.Release(session.Id);
        context.Wire.Respond(requestId, close.Answer);
    }

    private static async Task AbortAsync(AcpSession session)
    {
        if (session.RunningTurn is not { } turn)
            return;
        turn.Abort();
        await Task.WhenAny(turn.Completion, Task.Delay(CloseGrace)).ConfigureAwait(false);
    }

    private void LogExtras(string id, SessionExtras extras)
    {
        if (extras.Servers is { } servers)
            context.Log.Write("mcp", id, servers);
        if (extras.Meta is { } meta)
            context.Log.Write("session-meta", id, meta);
    }

    private AcpSession Configure(string id, bool isFirst, SessionWish wish, Fault[] faults)
    {
        string agent = wish.Agent ?? (isFirst ? context.Arguments.Agent : null) ?? _catalog.DefaultAgent;
        string model = wish.Model ?? (isFirst ? context.Arguments.Model : null) ?? _catalog.DefaultModel;
        if (faults.Any(fault => fault.Do == FaultKind.SilentFallback))
            return new AcpSession(id, _catalog.AgentInsteadOf(agent), _catalog.ModelInsteadOf(model));

        AcpSession session = new(id, _catalog.HasAgent(agent) ? agent : _catalog.DefaultAgent, model);
        if (session.Mode != agent)
            _dialect.NotFound(id, "agent", agent, session.Mode);
        session.Model = _dialect.Choose(session, model);
        return session;
    }

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

    private bool TakeFirst() => !_hadFirst && (_hadFirst = true);
}
