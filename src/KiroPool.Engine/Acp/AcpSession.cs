using System.Runtime.CompilerServices;
using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>One conversation with an ACP agent.</summary>
internal sealed class AcpSession(AcpConnection connection, string id) : IAgentSession
{
    private static readonly TimeSpan WriteEndsWithin = TimeSpan.FromMilliseconds(500);

    private string? _chosenAgent;
    private string? _chosenModel;
    private bool _wasPrompted;
    private Task<bool> _settled = Task.FromResult(true);

    public string Id { get; } = id;

    public string? Agent { get; set; }

    public string? Model { get; set; }

    public bool ModelVerified { get; set; }

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
        if (_wasPrompted)
            return;
        if (agent is not null && _chosenAgent is { } askedAgent && agent != askedAgent)
            FallBack = new AgentException(FailureKind.AgentNotFound, $"The agent '{askedAgent}' was set, but the process changed to '{agent}'.") { Value = askedAgent };
        if (model is not null && _chosenModel is { } askedModel && model != askedModel)
            FallBack = new AgentException(FailureKind.ModelNotFound, $"The model '{askedModel}' was set, but the process changed to '{model}'.") { Value = askedModel };
    }

    /// <summary>The running turn. Late updates find none and are dropped.</summary>
    public AcpTurn? Turn { get; private set; }

    public Task<bool> SettleAsync() => _settled;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        var turn = new AcpTurn(request.OnUpdate, request.Permissions, connection.Time);
        if (FallBack is not null)
            return turn.Close(PromptOutcome.Failed, FallBack, mayHaveBeenSeen: false);

        ContentBlock[] blocks = AcpContent.ToBlocks(request.Parts, connection.Accepts, keepLiteral: connection.IsKiro && !request.IsSlashCommand);
        _wasPrompted = true;
        Turn = turn;
        var call = new PromptCall(turn);
        var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _settled = settled.Task;
        Task written = connection.SendPrompt(this, blocks, call);
        connection.TurnStarted(_settled);
        if (request.PrepareNextSession)
            connection.PrepareNextSession(after: _settled);

        switch (await WaitForEndAsync(call, request.InactivityTimeout, cancellationToken).ConfigureAwait(false))
        {
            case TurnEnd.Answered:
                // Before the result is reported: the next prompt must find the agent returned, or get another start.
                settled.SetResult(true);
                Turn = null;
                return await ReadAnswerAsync(call, written, cancellationToken).ConfigureAwait(false);
            case TurnEnd.Silent:
                _ = SettleAsync(call, settled);
                Turn = null;
                return turn.Close(PromptOutcome.TimedOut, SilenceWatch.ToFailure(request.InactivityTimeout));
            default:
                _ = SettleAsync(call, settled);
                Turn = null;
                return turn.Close(PromptOutcome.Cancelled, Cancelled());
        }
    }

    /// <summary>Closes the session after its turn. A cancelled turn may still run.</summary>
    public void Close() => connection.CloseSession(this, after: _settled);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnEnd> WaitForEndAsync(PromptCall call, TimeSpan inactivityTimeout, CancellationToken cancellationToken)
    {
        SilenceWatch? watch = connection.Watch(call, inactivityTimeout);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static call => ((PromptCall)call!).Abandon(TurnEnd.Cancelled), call);
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
    private async Task SettleAsync(PromptCall call, TaskCompletionSource<bool> settled) =>
        settled.SetResult(call.IsAnswered || await connection.CancelTurnAsync(this, call).ConfigureAwait(false));

    private async ValueTask<TurnResult> ReadAnswerAsync(PromptCall call, Task written, CancellationToken cancellationToken)
    {
        AcpTurn turn = call.Turn;
        switch (call.Error)
        {
            case null when FallBack is { } fallBack:
                return turn.Close(PromptOutcome.Failed, fallBack, call.StopReason);
            case null when turn.Lost is { } lost:
                return turn.Close(PromptOutcome.Failed, lost, call.StopReason);
            case null when turn.WasThrottledToSilence:
                return turn.Close(PromptOutcome.Failed, Throttled(turn), call.StopReason);
            case null when call.StopReason != "cancelled":
                return turn.Close(PromptOutcome.Completed, null, call.StopReason ?? "end_turn");
            case null or JsonRpcException or IOException when cancellationToken.IsCancellationRequested:
                // A quick agent obeys a cancel before it is recorded here. Some end the turn with an error, or end themselves.
                return turn.Close(PromptOutcome.Cancelled, Cancelled(), call.StopReason);
            case null:
                return turn.Close(
                    PromptOutcome.Failed,
                    new AgentException(FailureKind.CancelledByAgent, "The agent ended the turn as cancelled without a request to cancel it. Some agents do so when a permission is rejected. Allow the tool, or change the prompt."),
                    call.StopReason);
            case JsonRpcException error:
                AgentException failure = turn.RateLimitMessage is null ? KiroExtensions.ToFailure(error, "to answer the prompt") : Throttled(turn, error);
                failure = connection.Advise(failure);
                connection.GiveUpIfSignedOut(failure);
                return turn.Close(PromptOutcome.Failed, failure);
            case IOException broken:
                // The broken pipe may be known before the failed write.
                await HostPause.SettleAsync(written, WriteEndsWithin).ConfigureAwait(false);
                bool unseen = written.IsFaulted;
                string what = unseen ? "before the prompt could be sent" : "before it answered, so its work is unknown";
                AgentException died = await connection.DescribeEndAsync(FailureKind.AgentDied, what, broken).ConfigureAwait(false);
                return turn.Close(unseen ? PromptOutcome.Failed : PromptOutcome.Indeterminate, died, mayHaveBeenSeen: !unseen);
            case var unreadable:
                return turn.Close(PromptOutcome.Failed, new AgentException(FailureKind.ProtocolViolation, unreadable.Message, unreadable));
        }
    }

    private static AgentException Throttled(AcpTurn turn, Exception? cause = null) =>
        new(FailureKind.RateLimited, $"The account is throttled: {turn.RateLimitMessage}", cause);

    private static AgentException Cancelled() => new(FailureKind.PromptCancelled, "The prompt was cancelled.");
}
