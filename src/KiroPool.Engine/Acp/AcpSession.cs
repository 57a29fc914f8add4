using System.Runtime.CompilerServices;
using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>One conversation with an ACP agent.</summary>
internal sealed class AcpSession(AcpConnection connection, string id) : IAgentSession
{
    private string? _chosenAgent;
    private string? _chosenModel;
    private bool _modelVerified;
    private PromptCall? _cancelled;
    private double _contextPercent = double.NaN;
    private decimal? _costBefore = 0;
    private decimal? _costSoFar = 0;
    private Task<bool> _settled = Task.FromResult(true);

    public string Id { get; } = id;

    public string? Agent { get; set; }

    public string? Model { get; set; }

    /// <summary>Whether the agent certainly has the model: it confirmed the model itself, or its list contains it.</summary>
    public bool ModelVerified
    {
        get => _modelVerified || (Model is { } model && !connection.Dialect.EchoProvesModel && connection.HasModel(model));
        set => _modelVerified = value && connection.Dialect.EchoProvesModel;
    }

    public double? ContextPercent => Volatile.Read(ref _contextPercent) is var percent && double.IsNaN(percent) ? null : percent;

    /// <summary>Whether a prompt was sent in it.</summary>
    public bool WasPrompted { get; private set; }

    /// <summary>Whether it is a conversation of several turns, which may be resumed later.</summary>
    public bool IsConversation { get; private set; }

    /// <summary>The options from updates of the agent; null before the first.</summary>
    public IReadOnlyList<ConfigOption>? Options { get; private set; }

    public IReadOnlyList<string> Commands { get; set; } = [];

    /// <summary>The names that the agent reported as not found. It used its defaults instead.</summary>
    public AgentException? FallBack { get; set; }

    /// <summary>Records the requested values in force. They must still be in force when the first prompt is sent.</summary>
    public void SettleChoice(bool agentWasAsked, bool modelWasAsked) =>
        (_chosenAgent, _chosenModel) = (agentWasAsked ? Agent : null, modelWasAsked ? Model : null);

    /// <summary>Handles a report of the values in force. During a turn the agent may change them; before the first turn a change is a silent fall-back.</summary>
    public void Changed(string? agent, string? model)
    {
        Agent = agent ?? Agent;
        Model = model ?? Model;
        ModelVerified |= model is not null;
        if (WasPrompted)
            return;
        if (agent is not null && _chosenAgent is { } askedAgent && !agent.Equals(askedAgent, StringComparison.OrdinalIgnoreCase))
            FallBack = new AgentException(FailureKind.AgentNotFound, $"The agent '{askedAgent}' was set, but the process changed to '{agent}'.") { Value = askedAgent };
        if (model is not null && _chosenModel is { } askedModel && !model.Equals(askedModel, StringComparison.OrdinalIgnoreCase))
            FallBack = new AgentException(FailureKind.ModelNotFound, $"The model '{askedModel}' was set, but the process changed to '{model}'.") { Value = askedModel };
    }

    /// <summary>Handles options that come in an update. Their lists apply to the whole process.</summary>
    public void Take(IReadOnlyList<ConfigOption>? options)
    {
        if (options is null)
            return;
        Options = ConfigMessage.Merge(options, Options);
        connection.Learn(options);
        var said = new ConfigMessage(options);
        Changed(said.Current("mode"), said.Current("model"));
    }

    /// <summary>Records the options of a reply. They are newer than earlier ones.</summary>
    public void Note(IReadOnlyList<ConfigOption>? options) => Options = ConfigMessage.Merge(options, Options);

    /// <summary>Records that another model answers, as the agent reported.</summary>
    public void AnsweredBy(string model)
    {
        Model = model;
        _modelVerified = true;
    }

    /// <summary>Applies an update. Between turns only a change of the session itself counts.</summary>
    public void Apply(AcpUpdate update)
    {
        AcpTurn? turn = Turn;
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
                turn?.Apply(JsonSerializer.Deserialize(update.Json, IncomingJson.Default.ToolCallMessage)!);
                break;
            case "plan":
                turn?.Apply(JsonSerializer.Deserialize(update.Json, IncomingJson.Default.PlanMessage)!);
                break;
            case "usage_update":
                Apply(JsonSerializer.Deserialize(update.Json, IncomingJson.Default.UsageMessage)!);
                break;
            case "session_info_update" when KiroSessionInfo.Read(update.Json) is { } info:
                Apply(info);
                break;
            case "current_mode_update":
                string? mode = JsonSerializer.Deserialize(update.Json, IncomingJson.Default.ModeMessage)!.CurrentModeId;
                Changed(mode, model: null);
                if (mode is not null)
                    turn?.ModeChanged(mode);
                break;
            case "available_commands_update":
                Commands = AgentCommands.Read(update.Json);
                break;
            case "config_option_update":
                Take(JsonSerializer.Deserialize(update.Json, IncomingJson.Default.ConfigMessage)!.ConfigOptions);
                break;
        }
    }

    public void Apply(KiroMetadata metadata)
    {
        Note(TurnMeter.Percent(metadata.ContextPercent));
        Turn?.Apply(metadata);
    }

    private void Note(double? contextPercent)
    {
        if (contextPercent is { } percent)
            Volatile.Write(ref _contextPercent, percent);
    }

    /// <summary>Applies the cost of the session so far. The turn's share is the difference to its start.</summary>
    private void Apply(UsageMessage usage)
    {
        TurnMeter meter = new() { ContextPercent = usage.Percent };
        if (TurnMeter.Amount(usage.Cost?.Amount) is { } amount)
        {
            _costSoFar = amount;
            if (_costBefore is { } before && amount >= before)
                meter = meter with { Cost = amount - before, CostCurrency = usage.Cost!.Currency };
        }

        Note(meter.ContextPercent);
        Turn?.Apply(meter);
    }

    private void Apply(KiroSessionInfo info)
    {
        Note(info.ToMeter()?.ContextPercent);
        Turn?.Apply(info);
        if (info.Kind == KiroSessionInfo.TurnStart && _cancelled is { IsAnswered: false } call)
            connection.CancelAgain(this, call);
    }

    /// <summary>Records that the session was resumed. Its earlier cost is unknown until the agent reports it.</summary>
    public void WasLoaded() => (_costBefore, _costSoFar) = (null, null);

    /// <summary>The running turn. Late updates find none and are dropped.</summary>
    public AcpTurn? Turn { get; private set; }

    public Task<bool> SettleAsync() => _settled;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        var turn = new AcpTurn(request.OnUpdate, request.Permissions, connection.Time) { FormHandler = request.FormHandler };
        if (FallBack is not null)
            return turn.Close(PromptOutcome.Failed, FallBack, mayHaveBeenSeen: false);

        _costBefore = _costSoFar;
        IsConversation |= request is { PrepareNextSession: false, IsFork: false };
        ContentBlock[] blocks;
        JsonElement? meta;
        try
        {
            meta = PromptMeta.Of(request);
            blocks = AcpContent.ToBlocks(request.Parts, connection.Accepts, keepLiteral: connection.Dialect.IsKiro && !request.IsSlashCommand);
        }
        catch (AgentException e)
        {
            return turn.Close(PromptOutcome.Failed, e, mayHaveBeenSeen: false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return turn.Close(PromptOutcome.Failed, new AgentException(FailureKind.NotSupported, $"The _meta of the prompt or its schema cannot be sent as JSON: {e.Message} Meta must be a JSON object.", e), mayHaveBeenSeen: false);
        }

        // Before the prompt is sent: a quick agent asks for a permission at once, and a cancel then must already count.
        var call = new PromptCall(turn);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static call => ((PromptCall)call!).Abandon(TurnEnd.Cancelled), call);
        if (call.Task.IsCompleted)
            return turn.Close(PromptOutcome.Cancelled, TurnOutcome.Cancelled(), mayHaveBeenSeen: false);

        WasPrompted = true;
        Turn = turn;
        var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _settled = settled.Task;
        Task written = connection.SendPrompt(this, blocks, meta, call);
        connection.TurnStarted(_settled);
        if (request.PrepareNextSession)
            connection.PrepareNextSession(after: _settled);

        switch (await WaitForEndAsync(call, request.InactivityTimeout).ConfigureAwait(false))
        {
            case TurnEnd.Answered:
                // Before the result is reported: the next prompt must find the agent returned, or get another start.
                settled.SetResult(true);
                Turn = null;
                return await TurnOutcome.ReadAsync(connection, this, call, written, cancellationToken).ConfigureAwait(false);
            case TurnEnd.Silent:
                _ = SettleAsync(call, settled);
                Turn = null;
                return turn.Close(PromptOutcome.TimedOut, SilenceWatch.ToFailure(request.InactivityTimeout));
            default:
                _ = SettleAsync(call, settled);
                Turn = null;
                return turn.Close(PromptOutcome.Cancelled, TurnOutcome.Cancelled());
        }
    }

    /// <summary>Closes the session after its turn. A cancelled turn may still run.</summary>
    public void Close() => connection.CloseSession(this, after: _settled);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnEnd> WaitForEndAsync(PromptCall call, TimeSpan inactivityTimeout)
    {
        SilenceWatch? watch = connection.Watch(call, inactivityTimeout);
        try
        {
            return await call.Task.ConfigureAwait(false);
        }
        finally
        {
            connection.GiveBack(watch);
        }
    }

    /// <summary>Waits for the end of an abandoned turn within the grace.</summary>
    private async Task SettleAsync(PromptCall call, TaskCompletionSource<bool> settled)
    {
        _cancelled = call;
        settled.SetResult(call.IsAnswered || await connection.CancelTurnAsync(this, call).ConfigureAwait(false));
        _cancelled = null;
    }
}
