using System.Collections.Concurrent;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>
/// Dispatches notifications and requests of an agent to their sessions. A message without an open session, or for a
/// session without a running turn, is dropped, so that it appears in no later prompt.
/// </summary>
internal sealed class AcpInbox(AgentSpec spec, IPoolLog log) : IJsonRpcHandler
{
    private readonly ConcurrentDictionary<string, AcpSession> _sessions = new();

    // Kiro can report a fall-back before it has answered the session/new with the id of the session.
    private readonly ConcurrentDictionary<string, AgentException> _earlyFallBacks = new();

    // Updates right after the answer that created their session, before the session was added.
    private readonly EarlyUpdates _earlyUpdates = new();

    // Conversations that are being resumed, and whether a turn was replayed.
    private readonly ConcurrentDictionary<string, bool> _replays = new();
    private JsonRpcConnection? _rpc;
    private int? _processId;
    private AcpSession? _last;

    public void Attach(JsonRpcConnection rpc, int processId) => (_rpc, _processId) = (rpc, processId);

    /// <exception cref="AgentException">The agent repeated the id of an open session, so their updates could not be distinguished.</exception>
    public void Add(AcpSession session)
    {
        lock (_earlyUpdates)
        {
            foreach (byte[] parameters in _earlyUpdates.Take(session.Id))
                OnUpdate(parameters, session);
            if (!_sessions.TryAdd(session.Id, session))
                throw new AgentException(FailureKind.ProtocolViolation, "The agent gave two open sessions the same id.");
        }

        if (_earlyFallBacks.TryRemove(session.Id, out AgentException? fallBack) || _earlyFallBacks.TryRemove("", out fallBack))
            session.FallBack = fallBack;
    }

    /// <summary>Keeps updates of a session from now on until it is added.</summary>
    public void Expect(string sessionId)
    {
        lock (_earlyUpdates)
            _earlyUpdates.Expect(sessionId);
    }

    public void Remove(AcpSession session)
    {
        _sessions.TryRemove(KeyValuePair.Create(session.Id, session));
        Interlocked.CompareExchange(ref _last, null, session);
    }

    /// <summary>Records from now on whether earlier turns of a conversation are replayed.</summary>
    public void ExpectReplay(string sessionId) => _replays[sessionId] = false;

    /// <summary>Whether a turn was replayed since <see cref="ExpectReplay"/>.</summary>
    public bool WasReplayed(string sessionId) => _replays.TryRemove(sessionId, out bool replayed) && replayed;

    public void OnNoise(string description) => log.WriteDebug(description, _processId);

    public void OnLost(string method, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, string description)
    {
        if (method != AcpMethods.SessionUpdate || !LostUpdate.Read(head, tail, out string? sessionId))
            return;

        // The session id may be in the lost part. The answer may then belong to any session.
        var lost = new AgentException(FailureKind.ProtocolViolation, $"A part of the answer was {description}, and is lost. Ask for a shorter answer, or for one in a file.");
        foreach (AcpSession session in sessionId is null ? _sessions.Values : Find(sessionId) is { } one ? [one] : [])
            session.Turn?.Lose(lost);
    }

    public void OnNotification(string method, ReadOnlySpan<byte> parameters)
    {
        switch (method)
        {
            case AcpMethods.SessionUpdate:
                OnUpdate(parameters);
                break;
            case AcpMethods.KiroMetadata:
                OnMetadata(parameters);
                break;
            case AcpMethods.KiroRateLimit:
                KiroNotice? limit = JsonSerializer.Deserialize(parameters, AcpJson.Default.KiroNotice);
                if (Find(limit?.SessionId)?.Turn is { } turn)
                    turn.RateLimitMessage = limit!.Message ?? "no reason given";
                break;
            case AcpMethods.KiroAgentNotFound when spec.Agent is { } agent:
                OnFallBack(parameters, FailureKind.AgentNotFound, "agent", agent);
                break;
            case AcpMethods.KiroModelNotFound when spec.Model is { } model:
                OnFallBack(parameters, FailureKind.ModelNotFound, "model", model);
                break;
        }
    }

    public bool OnRequest(string method, byte[] id, ReadOnlySpan<byte> parameters)
    {
        if (method != AcpMethods.SessionRequestPermission)
            return false;
        PermissionQuestion question = JsonSerializer.Deserialize(parameters, AcpJson.Default.PermissionQuestion)!;
        AcpTurn? turn = Find(question.SessionId)?.Turn;
        if (AcpQuestion.AnswerNow(turn, question, out KiroPool.PermissionRequest? request) is { } answer)
            _ = ReplyAsync(id, new PermissionReply(answer));
        else
            _ = AskAsync(id, turn!, question, request!);
        return true;
    }

    private async Task AskAsync(byte[] id, AcpTurn turn, PermissionQuestion question, KiroPool.PermissionRequest request) =>
        await ReplyAsync(id, new PermissionReply(await turn.AskAsync(question, request).ConfigureAwait(false))).ConfigureAwait(false);

    private async Task ReplyAsync(byte[] id, PermissionReply reply)
    {
        try
        {
            await _rpc!.ReplyAsync(id, reply, AcpJson.Default.PermissionReply).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.WriteDebug($"a permission was not answered: {e.Message}", _processId);
        }
    }

    private void OnFallBack(ReadOnlySpan<byte> parameters, FailureKind kind, string what, string asked)
    {
        string sessionId = JsonSerializer.Deserialize(parameters, AcpJson.Default.KiroNotice)?.SessionId ?? "";
        var fallBack = new AgentException(kind, $"The agent program does not know the {what} '{asked}' and used its default instead.") { Value = asked };
        if (Find(sessionId) is { } session)
            session.FallBack = fallBack;
        else if (_earlyFallBacks.Count < 16)
            _earlyFallBacks[sessionId] = fallBack;
    }

    private void OnMetadata(ReadOnlySpan<byte> parameters)
    {
        AcpSession? session = null;
        KiroMetadata metadata = default;
        var reader = new Utf8JsonReader(parameters);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sessionId"u8))
            {
                reader.Read();
                session = Find(ref reader);
            }
            else
            {
                metadata.ReadMember(ref reader);
            }
        }

        session?.Turn?.Apply(metadata);
    }

    /// <summary>Reads <c>{sessionId, update: {sessionUpdate, …}}</c>; members come in any order.</summary>
    /// <param name="parameters">The notification's parameters.</param>
    /// <param name="known">The session, if it is known but not added yet.</param>
    private void OnUpdate(ReadOnlySpan<byte> parameters, AcpSession? known = null)
    {
        AcpSession? session = null;
        AcpUpdate update = default;
        var reader = new Utf8JsonReader(parameters);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sessionId"u8))
            {
                reader.Read();
                session = Find(ref reader);
            }
            else if (reader.ValueTextEquals("update"u8))
            {
                update = AcpUpdate.Read(ref reader, parameters);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        session = known ?? session ?? FindLate(parameters);
        if (session is null || update.Json.IsEmpty)
            return;
        if (session.Turn is not { IsSealed: false })
            log.WriteDebug("dropped an update that came without a running turn", _processId);
        OnUpdate(session.Turn, session, update);
    }

    /// <param name="turn">The running turn; null between turns, when only a change of the session itself counts.</param>
    /// <param name="session">The session.</param>
    /// <param name="update">The update.</param>
    private static void OnUpdate(AcpTurn? turn, AcpSession session, AcpUpdate update)
    {
        switch (update.Kind)
        {
            case "agent_message_chunk":
                if (turn is not null && update.TryGetText(out Utf8JsonReader text))
                    turn.AddText(ref text);
                else if (turn is not null && AcpBlock.Read(update.Json) is { } block)
                    turn.AddBlock(block);
                break;
            case "agent_thought_chunk":
                if (turn is not null && update.TryGetText(out Utf8JsonReader thought))
                    turn.AddThought(ref thought);
                break;
            case "tool_call" or "tool_call_update":
                turn?.Apply(JsonSerializer.Deserialize(update.Json, AcpJson.Default.ToolCallMessage)!);
                break;
            case "plan":
                turn?.Apply(JsonSerializer.Deserialize(update.Json, AcpJson.Default.PlanMessage)!);
                break;
            case "usage_update":
                turn?.Apply(JsonSerializer.Deserialize(update.Json, AcpJson.Default.UsageMessage)!);
                break;
            case "current_mode_update":
                string? mode = JsonSerializer.Deserialize(update.Json, AcpJson.Default.ModeMessage)!.CurrentModeId;
                session.Changed(mode, model: null);
                if (mode is not null)
                    turn?.ModeChanged(mode);
                break;
            case "config_option_update":
                ConfigMessage options = JsonSerializer.Deserialize(update.Json, AcpJson.Default.ConfigMessage)!;
                session.Changed(options.Current("mode"), options.Current("model"));
                break;
        }
    }

    /// <summary>Looks again for a session that was just added, and keeps the update if the session is expected. Otherwise the update has no session.</summary>
    private AcpSession? FindLate(ReadOnlySpan<byte> parameters)
    {
        if (_replays.IsEmpty && _earlyUpdates.IsEmpty)
            return null;
        ReplayMessage? message = JsonSerializer.Deserialize(parameters, AcpJson.Default.ReplayMessage);
        if (message?.SessionId is not { } id)
            return null;

        // Replayed turns come before the answer to session/load. They belong to no prompt, but they prove that the turns exist.
        if (message.Update?.SessionUpdate is "user_message_chunk" or "agent_message_chunk" or "tool_call")
            _replays.TryUpdate(id, true, false);
        lock (_earlyUpdates)
        {
            if (Find(id) is { } added)
                return added;
            _earlyUpdates.Keep(id, parameters);
            return null;
        }
    }

    private AcpSession? Find(string? sessionId) => sessionId is not null && _sessions.TryGetValue(sessionId, out AcpSession? session) ? session : null;

    /// <summary>The session at the reader's position. Chunks of one turn find it without allocating a string.</summary>
    private AcpSession? Find(ref Utf8JsonReader reader)
    {
        if (_last is { } last && reader.ValueTextEquals(last.Id))
            return last;
        return _last = reader.TokenType == JsonTokenType.String ? Find(reader.GetString()) : null;
    }
}
