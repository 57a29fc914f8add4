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
internal sealed partial class AcpInbox(AgentSpec spec, TimeProvider time, IPoolLog log, bool offersTerminals = false) : IJsonRpcHandler
{
    // Messages for sessions that are never created must not accumulate.
    private const int MostEarly = 16;

    private readonly ConcurrentDictionary<string, AcpSession> _sessions = new();

    // Kiro can report a fall-back before it has answered the session/new with the id of the session.
    private readonly Dictionary<string, AgentException> _earlyFallBacks = [];

    // Updates right after the answer that created their session, before the session was added. The lock for all that is early.
    private readonly EarlyUpdates _earlyUpdates = new();

    // Conversations that are being resumed, and whether a turn was replayed.
    private readonly ConcurrentDictionary<string, bool> _replays = new();

    // V3 lists its models in an update, which can come before the id of the session is known here.
    private readonly Dictionary<string, IReadOnlyList<ConfigOption>> _earlyOptions = [];
    private readonly OpenQuestions _questions = new();
    private JsonRpcConnection? _rpc;
    private int? _processId;
    private AcpSession? _last;

    /// <summary>The behaviour that is particular to the agent; certain after the answer to <c>initialize</c>.</summary>
    public AgentDialect Dialect { get; set; } = AgentDialect.Of(saysKiro: false, name: null, spec.Executable, spec.Engine);

    /// <summary>Whether the agent has asked for an access token. KiroPool has none.</summary>
    public bool WasAskedForToken { get; private set; }

    public void Attach(JsonRpcConnection rpc, int processId) =>
        (_rpc, _processId, _terminals) = (rpc, processId, offersTerminals ? new AcpTerminals(spec, time, Find) : null);

    /// <exception cref="AgentException">The agent repeated the id of an open session, so their updates could not be distinguished.</exception>
    public void Add(AcpSession session)
    {
        lock (_earlyUpdates)
        {
            if (_earlyOptions.Remove(session.Id, out IReadOnlyList<ConfigOption>? options))
                session.Take(options);
            foreach (byte[] parameters in _earlyUpdates.Of(session.Id))
                OnUpdate(parameters, session);
            bool isNew = _sessions.TryAdd(session.Id, session);
            _earlyUpdates.Remove(session.Id);
            if (!isNew)
                throw new AgentException(FailureKind.ProtocolViolation, "The agent gave two open sessions the same id.");
            if (_earlyFallBacks.Remove(session.Id, out AgentException? fallBack) || _earlyFallBacks.Remove("", out fallBack))
                session.FallBack = fallBack;
        }
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
        _terminals?.EndSession(session.Id);
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
            case AcpMethods.CancelRequest:
                _questions.Cancel(parameters);
                break;
            case AcpMethods.KiroMetadata:
                OnMetadata(parameters);
                break;
            case AcpMethods.KiroRateLimit or AcpMethods.KiroV3RateLimit:
                OnRateLimit(JsonSerializer.Deserialize(parameters, IncomingJson.Default.KiroNotice));
                break;
            case AcpMethods.KiroSessionUpdate when JsonSerializer.Deserialize(parameters, IncomingJson.Default.ModelFallBack) is { Model: { } model } fallBack:
                Find(fallBack.SessionId ?? fallBack.Update?.SessionId)?.AnsweredBy(model);
                break;
            case AcpMethods.KiroAgentNotFound or AcpMethods.KiroV3AgentNotFound when spec.Agent is { } agent:
                OnFallBack(parameters, FailureKind.AgentNotFound, "agent", agent);
                break;
            case AcpMethods.KiroModelNotFound when spec.Model is { } model:
                OnFallBack(parameters, FailureKind.ModelNotFound, "model", model);
                break;
        }
    }

    public bool OnRequest(string method, byte[] id, ReadOnlySpan<byte> parameters)
    {
        WasAskedForToken |= method == AcpMethods.KiroV3Token;
        if (method != AcpMethods.SessionRequestPermission)
            return OnUserRequest(method, id, parameters);
        PermissionQuestion question = JsonSerializer.Deserialize(parameters, IncomingJson.Default.PermissionQuestion)!;
        AcpTurn? turn = Find(question.SessionId)?.Turn;
        if (AcpQuestion.AnswerNow(turn, question, Dialect, out AcpQuestion? open) is { } answer)
            _ = ReplyAsync(id, new PermissionReply(answer));
        else
            _ = AskAsync(id, open!, _questions.Open(id));
        return true;
    }

    private async Task AskAsync(byte[] id, AcpQuestion question, CancellationToken withdrawn)
    {
        PermissionOutcome answer = await question.AskAsync(time, withdrawn).ConfigureAwait(false);
        _questions.Close(id);
        await ReplyAsync(id, new PermissionReply(answer)).ConfigureAwait(false);
    }

    private async Task ReplyAsync(byte[] id, PermissionReply reply)
    {
        try
        {
            await _rpc!.ReplyAsync(id, reply, OutgoingJson.Default.PermissionReply).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.WriteDebug($"a permission was not answered: {e.Message}", _processId);
        }
    }

    /// <summary>A notice without a session is about the account, and so about every running turn.</summary>
    private void OnRateLimit(KiroNotice? notice)
    {
        IEnumerable<AcpSession> meant = notice?.SessionId is { Length: > 0 } id ? _sessions.Values.Where(s => s.Id == id) : _sessions.Values;
        foreach (AcpSession session in meant)
        {
            if (session.Turn is { } turn)
                turn.RateLimitMessage = notice?.Message ?? "no reason given";
        }
    }

    private void OnFallBack(ReadOnlySpan<byte> parameters, FailureKind kind, string what, string asked)
    {
        KiroNotice? notice = JsonSerializer.Deserialize(parameters, IncomingJson.Default.KiroNotice);

        // Another missing agent, such as the default in the user's settings, was not requested here.
        if (notice?.RequestedAgent is { } missing && missing != asked && missing != Dialect.AgentName(asked))
            return;
        string sessionId = notice?.SessionId ?? "";
        var fallBack = new AgentException(kind, $"The agent program does not know the {what} '{asked}' and used its default instead.") { Value = asked };
        lock (_earlyUpdates)
        {
            AcpSession[] meant = sessionId.Length > 0 ? (Find(sessionId) is { } named ? [named] : []) : [.. _sessions.Values.Where(s => !s.WasPrompted)];
            foreach (AcpSession session in meant)
                session.FallBack = fallBack;
            if (meant.Length == 0 && _earlyFallBacks.Count < MostEarly)
                _earlyFallBacks[sessionId] = fallBack;
        }
    }

    private void OnMetadata(ReadOnlySpan<byte> parameters)
    {
        AcpSession? session = null;
        KiroMetadata metadata = default;
        var reader = new Utf8JsonReader(parameters);
        reader.Read();
        while (FindMember(ref reader, ref session))
            metadata.ReadMember(ref reader);
        session?.Apply(metadata);
    }

    /// <summary>Goes to the next member, and notes the session on the way.</summary>
    private bool FindMember(ref Utf8JsonReader reader, ref AcpSession? session)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("sessionId"u8))
                return true;
            reader.Read();
            session = Find(ref reader);
        }

        return false;
    }

    /// <summary>Reads <c>{sessionId, update: {sessionUpdate, …}}</c>; members come in any order.</summary>
    /// <param name="parameters">The notification's parameters.</param>
    /// <param name="known">The session, if it is known but not added yet.</param>
    private void OnUpdate(ReadOnlySpan<byte> parameters, AcpSession? known = null)
    {
        // Asked before the search: a session that is added after the search is no longer expected.
        bool isExpecting = !_earlyUpdates.IsEmpty;
        AcpSession? session = null;
        AcpUpdate update = default;
        var reader = new Utf8JsonReader(parameters);
        reader.Read();
        while (FindMember(ref reader, ref session))
        {
            if (reader.ValueTextEquals("update"u8))
            {
                update = AcpUpdate.Read(ref reader, parameters);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        session = known ?? session ?? FindLate(parameters, isExpecting);
        if (session is null && update.Kind == "config_option_update")
            NoteOptions(parameters);
        if (session is null || update.Json.IsEmpty)
            return;

        // Reports about the session itself are usual between turns. A part of an answer is late.
        if (session.Turn is not { IsSealed: false } && update.Kind is "agent_message_chunk" or "agent_thought_chunk" or "tool_call" or "tool_call_update" or "plan")
            log.WriteDebug("dropped an update that came without a running turn", _processId);
        session.Apply(update);
    }

    /// <summary>Looks again for a session that was just added, and keeps the update if the session is expected. Otherwise the update has no session.</summary>
    private AcpSession? FindLate(ReadOnlySpan<byte> parameters, bool isExpecting)
    {
        if (!isExpecting && _replays.IsEmpty)
            return null;
        ReplayMessage? message = JsonSerializer.Deserialize(parameters, IncomingJson.Default.ReplayMessage);
        if (message?.SessionId is not { } id)
            return null;

        // Replayed turns come before the answer to session/load. They belong to no prompt, but they prove that the turns exist.
        if (message.Update is { } update && (update.IsMarked || update.SessionUpdate is "user_message_chunk" or "agent_message_chunk" or "tool_call"))
            _replays.TryUpdate(id, true, false);
        lock (_earlyUpdates)
        {
            if (Find(id) is { } added)
                return added;
            _earlyUpdates.Keep(id, parameters);
            return null;
        }
    }

    /// <summary>Keeps the options of a session whose id is not known yet. The answer with the id is handled on another thread.</summary>
    private void NoteOptions(ReadOnlySpan<byte> parameters)
    {
        if (JsonSerializer.Deserialize(parameters, IncomingJson.Default.EarlyOptions) is not { SessionId: { } id, Update.ConfigOptions: { } options })
            return;
        lock (_earlyUpdates)
        {
            if (_sessions.TryGetValue(id, out AcpSession? session))
            {
                session.Take(options);
                return;
            }

            // Closed sessions can have updates too.
            if (_earlyOptions.Count >= MostEarly)
                _earlyOptions.Clear();
            _earlyOptions[id] = options;
        }
    }

    private AcpSession? Find(string? sessionId) => sessionId is not null && _sessions.TryGetValue(sessionId, out AcpSession? session) ? session : null;

    /// <summary>The session at the reader's position. Chunks of one turn find it without allocating a string: by the id of the last one.</summary>
    private AcpSession? Find(ref Utf8JsonReader reader)
    {
        if (_last is { } last && reader.ValueTextEquals(last.Id))
            return Find(last.Id);
        return _last = reader.TokenType == JsonTokenType.String ? Find(reader.GetString()) : null;
    }
}
