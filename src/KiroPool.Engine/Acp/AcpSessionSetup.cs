using System.Runtime.CompilerServices;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>
/// Creates a session and sets the requested agent and model. kiro-cli silently replaces unknown names, so names are
/// checked against its offer before and against its report afterwards.
/// </summary>
internal sealed class AcpSessionSetup(AcpConnection connection, JsonRpcConnection rpc, AgentSpec spec)
{
    private readonly SessionOffer _offer = new();
    private readonly SessionExtras _extras = new(spec.Session);
    private readonly Action<string> _expect = connection.Expect;
    private SessionReply? _learned;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AcpSession> CreateAsync(CancellationToken cancellationToken)
    {
        SessionReply reply = await AskAsync(
            "to create a session",
            rpc.RequestAsync(AcpMethods.SessionNew, new NewSessionParams(spec.WorkingDirectory, _extras), OutgoingJson.Default.NewSessionParams, new PendingSession(_offer, _expect), cancellationToken)).ConfigureAwait(false);
        if (reply.SessionId is not { Length: > 0 } id)
            throw new AgentException(FailureKind.ProtocolViolation, "The agent created a session without a session id.");
        return await SetUpAsync(id, reply, Origin.New, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Resumes a conversation of an earlier process. The replay before the answer finds no session of that id in the inbox,
    /// so it belongs to no prompt.
    /// </summary>
    /// <param name="id">The conversation.</param>
    /// <param name="method">session/load, or session/resume, which replays nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<AcpSession> LoadAsync(string id, string method, CancellationToken cancellationToken)
    {
        SessionReply reply = await AskAsync(
            "to resume the conversation",
            rpc.RequestAsync(method, new LoadSessionParams(id, spec.WorkingDirectory, _extras), OutgoingJson.Default.LoadSessionParams, new PendingLoad(id, _expect), cancellationToken)).ConfigureAwait(false);

        return await SetUpAsync(id, Completed(reply), Origin.Loaded, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a copy of a conversation.</summary>
    public async ValueTask<AcpSession> ForkAsync(string id, CancellationToken cancellationToken)
    {
        SessionReply reply = await AskAsync(
            "to fork the conversation",
            rpc.RequestAsync(AcpMethods.SessionFork, new LoadSessionParams(id, spec.WorkingDirectory, _extras), OutgoingJson.Default.LoadSessionParams, new PendingSession(new SessionOffer(), _expect), cancellationToken)).ConfigureAwait(false);
        if (reply.SessionId is not { Length: > 0 } fork || fork == id)
            throw new AgentException(FailureKind.ProtocolViolation, "The agent forked a conversation without a new session id.");
        return await SetUpAsync(fork, Completed(reply), Origin.Forked, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The reply with the earlier offer, which the agent need not repeat. It may have forgotten agent and model of a session,
    /// so they are set again, and only it can report the values in force.
    /// </summary>
    private SessionReply Completed(SessionReply reply)
    {
        SessionReply offered = _offer.Latest;
        return reply.ConfigOptions is not null ? reply : reply with
        {
            Modes = reply.Modes ?? (offered.Modes is { } modes ? modes with { CurrentModeId = null } : null),
            Models = reply.Models ?? (offered.Models is { } models ? models with { CurrentModelId = null } : null),
            ConfigOptions = offered.ConfigOptions?.Select(option => option with { CurrentValue = default }).ToArray(),
        };
    }

    private enum Origin
    {
        New,
        Loaded,
        Forked,
    }

    private async ValueTask<AcpSession> SetUpAsync(string id, SessionReply reply, Origin origin, CancellationToken cancellationToken)
    {
        var session = new AcpSession(connection, id)
        {
            Agent = reply.Modes?.CurrentModeId ?? Option(reply, "mode")?.Current,
            Model = reply.Models?.CurrentModelId ?? Option(reply, "model")?.Current,
        };
        session.ModelVerified = session.Model is not null;
        if (origin != Origin.New)
            session.WasLoaded();
        Learn(reply);
        connection.Register(session);
        if (session.Options is { } options)
            reply = reply with { ConfigOptions = ConfigMessage.Merge(reply.ConfigOptions, options) };
        try
        {
            if (spec.Agent is { } agent)
                await ChooseAgentAsync(session, reply, agent, cancellationToken).ConfigureAwait(false);
            if (spec.Model is { } model)
                await ChooseModelAsync(session, reply, model, cancellationToken).ConfigureAwait(false);
            if (!spec.Session.ConfigOptions.IsEmpty)
            {
                session.Note(ConfigMessage.Merge(session.Options, reply.ConfigOptions));
                await new SessionOptions(rpc, connection.AgentName).SetAsync(session, spec.Session.ConfigOptions, cancellationToken).ConfigureAwait(false);
            }

            if (session.FallBack is { } fallBack)
                throw fallBack;
            session.SettleChoice(agentWasAsked: spec.Agent is not null, modelWasAsked: spec.Model is not null);
            return session;
        }
        catch
        {
            // Some agents delete the transcript on close, so a loaded session is only dropped.
            if (origin == Origin.Loaded)
                connection.Forget(session);
            else
                session.Close();
            throw;
        }
    }

    /// <summary>Remembers what the agent offers. Most replies repeat the earlier offer, which is then the same objects.</summary>
    private void Learn(SessionReply reply)
    {
        if (_learned is { } known && ReferenceEquals(known.Modes, reply.Modes) && ReferenceEquals(known.Models, reply.Models) && ReferenceEquals(known.ConfigOptions, reply.ConfigOptions))
            return;
        connection.Learn([.. AgentsOf(reply).OfType<string>()], [.. ModelsOf(reply).OfType<string>()]);
        _learned = reply;
    }

    private async Task ChooseAgentAsync(AcpSession session, SessionReply offered, string agent, CancellationToken cancellationToken)
    {
        ConfigOption? option = Option(offered, "mode");
        string[] offers = [.. AgentsOf(offered).OfType<string>()];
        string id = Resolve(FailureKind.AgentNotFound, "agent", offers.Contains(agent) ? agent : connection.Dialect.AgentName(agent), offers);
        if (session.Agent == id)
            return;

        string? confirmed;
        if (offered.Modes is not null && !(connection.Dialect.ConfirmsByOption && option is not null))
        {
            SessionReply reply = await SetAsync(
                FailureKind.AgentNotFound, "agent", id,
                rpc.RequestAsync(AcpMethods.SessionSetMode, new SetModeParams(session.Id, id), OutgoingJson.Default.SetModeParams, IncomingJson.Default.SessionReply, cancellationToken),
                () => SetOptionAsync(session, option?.Id ?? "mode", id, cancellationToken)).ConfigureAwait(false);
            confirmed = reply.Modes?.CurrentModeId ?? Option(reply, "mode")?.Current;
        }
        else if (OptionId(option, "mode") is { } optionId)
        {
            SessionReply reply = await SetAsync(FailureKind.AgentNotFound, "agent", id, SetOptionAsync(session, optionId, id, cancellationToken)).ConfigureAwait(false);
            confirmed = Option(reply, "mode")?.Current;
        }
        else
        {
            throw NotOffered(FailureKind.AgentNotFound, "agent", agent, []);
        }

        if (confirmed is not null && confirmed != id)
            throw NotOffered(FailureKind.AgentNotFound, "agent", agent, [confirmed]);
        session.Agent = id;

        // An agent may have its own model.
        session.ModelVerified = false;
    }

    private async Task ChooseModelAsync(AcpSession session, SessionReply offered, string model, CancellationToken cancellationToken)
    {
        ConfigOption? option = Option(offered, "model");
        string id = Resolve(FailureKind.ModelNotFound, "model", model, Models(offered));
        if (session.Model == id && session.ModelVerified)
            return;

        await SetModelAsync(session, offered, option, model, id, cancellationToken).ConfigureAwait(false);

        // The list may come only with the answer, and a name outside the list was accepted all the same.
        if (!connection.Dialect.EchoProvesModel && Resolve(FailureKind.ModelNotFound, "model", model, Models(offered)) is var listed && listed != id)
            await SetModelAsync(session, offered, option, model, listed, cancellationToken).ConfigureAwait(false);
    }

    private async Task SetModelAsync(AcpSession session, SessionReply offered, ConfigOption? option, string model, string id, CancellationToken cancellationToken)
    {
        string? confirmed;
        if (offered.Models is not null)
        {
            SessionReply reply = await SetAsync(
                FailureKind.ModelNotFound, "model", id,
                rpc.RequestAsync(AcpMethods.SessionSetModel, new SetModelParams(session.Id, id), OutgoingJson.Default.SetModelParams, IncomingJson.Default.SessionReply, cancellationToken),
                () => SetOptionAsync(session, option?.Id ?? "model", id, cancellationToken)).ConfigureAwait(false);
            confirmed = reply.Models?.CurrentModelId ?? Option(reply, "model")?.Current;
        }
        else if (OptionId(option, "model") is { } optionId)
        {
            SessionReply reply = await SetAsync(FailureKind.ModelNotFound, "model", id, SetOptionAsync(session, optionId, id, cancellationToken)).ConfigureAwait(false);
            confirmed = Option(reply, "model")?.Current;
            connection.Learn(reply.ConfigOptions);
            session.Note(reply.ConfigOptions);
        }
        else
        {
            throw NotOffered(FailureKind.ModelNotFound, "model", model, []);
        }

        if (confirmed is not null && confirmed != id)
            throw NotOffered(FailureKind.ModelNotFound, "model", model, [confirmed]);
        session.Model = id;
        session.ModelVerified = confirmed == id;
    }

    private Task<SessionReply> SetOptionAsync(AcpSession session, string optionId, string value, CancellationToken cancellationToken) =>
        rpc.RequestAsync(AcpMethods.SessionSetConfigOption, new SetConfigOptionParams(session.Id, optionId, value), OutgoingJson.Default.SetConfigOptionParams, IncomingJson.Default.SessionReply, cancellationToken);

    /// <summary>The option to set. Some agents accept these two by name, even if they do not list them.</summary>
    private string? OptionId(ConfigOption? listed, string name) => listed?.Id ?? (connection.Dialect.HasUnlistedOptions ? name : null);

    /// <summary>Sets a value. A refusal means a wrong name, not a broken agent.</summary>
    /// <param name="kind">The failure of a refusal.</param>
    /// <param name="what">The name of the setting, for the message.</param>
    /// <param name="value">The value, for the message.</param>
    /// <param name="request">The running request.</param>
    /// <param name="otherwise">The alternative if the method is unknown: Kiro v3 may list the same as v2, but accepts only options.</param>
    private static async Task<SessionReply> SetAsync(FailureKind kind, string what, string value, Task<SessionReply> request, Func<Task<SessionReply>>? otherwise = null)
    {
        try
        {
            return await request.ConfigureAwait(false);
        }
        catch (JsonRpcException e) when (e.Code == JsonRpcException.MethodNotFound && otherwise is not null)
        {
            return await SetAsync(kind, what, value, otherwise()).ConfigureAwait(false);
        }
        catch (JsonRpcException e) when (e.Code == JsonRpcException.MethodNotFound)
        {
            throw NotOffered(kind, what, value, []);
        }
        catch (JsonRpcException e)
        {
            throw new AgentException(kind, $"The {what} '{value}' could not be set: {e.Message}", e) { Value = value };
        }
        catch (JsonException)
        {
            // Set, but an answer of another shape confirms nothing.
            return new SessionReply();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionReply> AskAsync(string doing, ValueTask<SessionReply> request)
    {
        try
        {
            return await request.ConfigureAwait(false);
        }
        catch (JsonRpcException e)
        {
            throw connection.Explain(AgentError.ToFailure(e, doing, connection.Dialect));
        }
        catch (JsonException e)
        {
            throw new AgentException(FailureKind.ProtocolViolation, $"The agent failed {doing}: {e.Message}", e);
        }
    }

    /// <summary>The offered name that equals the given one, or equals it except for case.</summary>
    private static string Resolve(FailureKind kind, string what, string asked, IEnumerable<string?> offered)
    {
        string[] names = [.. offered.OfType<string>()];
        return names.Length == 0 ? asked
            : names.FirstOrDefault(n => n == asked)
            ?? names.FirstOrDefault(n => n.Equals(asked, StringComparison.OrdinalIgnoreCase))
            ?? throw NotOffered(kind, what, asked, names);
    }

    private static AgentException NotOffered(FailureKind kind, string what, string asked, string[] offered)
    {
        string choice = offered.Length == 0 ? $"offers no choice of {what}" : $"offers {string.Join(", ", offered)}";
        return new AgentException(kind, $"The {what} '{asked}' is not available: the agent program {choice}.") { Value = asked };
    }

    /// <summary>The models that this session lists, or that an earlier session of the process listed.</summary>
    private IEnumerable<string?> Models(SessionReply offered) =>
        connection.Dialect.EchoProvesModel || ModelsOf(offered).Any() ? ModelsOf(offered) : connection.Offer?.Models ?? [];

    private static IEnumerable<string?> AgentsOf(SessionReply reply) => reply.Modes?.AvailableModes?.Select(m => m.Id) ?? Option(reply, "mode")?.Values ?? [];

    private static IEnumerable<string?> ModelsOf(SessionReply reply) => reply.Models?.AvailableModels?.Select(m => m.ModelId) ?? Option(reply, "model")?.Values ?? [];

    private static ConfigOption? Option(SessionReply reply, string category) => ConfigOption.Find(reply.ConfigOptions, category);
}
