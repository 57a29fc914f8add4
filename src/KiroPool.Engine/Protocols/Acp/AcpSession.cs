using System.Text.Json;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Protocols.Acp;

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

    /// <summary>The names the agent says it could not find: it went on with its defaults.</summary>
    public AgentException? FallBack { get; set; }

    /// <summary>What was asked for and is in force now must be so when the first prompt is sent.</summary>
    public void SettleChoice(bool agentWasAsked, bool modelWasAsked) =>
        (_chosenAgent, _chosenModel) = (agentWasAsked ? Agent : null, modelWasAsked ? Model : null);

    /// <summary>The process says what is in force. During a turn it may change that; before the first one it is a silent fall-back.</summary>
    public void Changed(string? agent, string? model)
    {
        Agent = agent ?? Agent;
        Model = model ?? Model;
        ModelVerified |= model is not null;
        if (_wasPrompted)
            return;
        if (agent is not null && _chosenAgent is { } askedAgent && agent != askedAgent)
            FallBack = new AgentException(FailureKind.AgentNotFound, $"The agent '{askedAgent}' was set, but the process went over to '{agent}'.") { Value = askedAgent };
        if (model is not null && _chosenModel is { } askedModel && model != askedModel)
            FallBack = new AgentException(FailureKind.ModelNotFound, $"The model '{askedModel}' was set, but the process went over to '{model}'.") { Value = askedModel };
    }

    /// <summary>The turn that runs; late updates find none and are dropped.</summary>
    public AcpTurn? Turn { get; private set; }

    public Task<bool> SettleAsync() => _settled;

    public async Task<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        var turn = new AcpTurn(request.OnUpdate, request.Permissions, connection.Time);
        if (FallBack is not null)
            return turn.Close(PromptOutcome.Failed, FallBack, mayHaveBeenSeen: false);

        _wasPrompted = true;
        Turn = turn;
        JsonRpcCall<PromptReply> call = connection.SendPrompt(this, AcpContent.ToBlocks(request.Parts, connection.Accepts, keepLiteral: connection.IsKiro && !request.IsSlashCommand), turn.Seal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _settled = SettleAsync(call, turn, stop.Token);
        connection.TurnStarted(_settled);
        if (request.PrepareNextSession)
            connection.PrepareNextSession(after: _settled);

        try
        {
            AgentException? silence = await connection.WaitForAnswerAsync(call.Response, turn, request.InactivityTimeout, cancellationToken).ConfigureAwait(false);
            if (silence is null)
            {
                TurnResult answer = await ReadAnswerAsync(call, turn, cancellationToken).ConfigureAwait(false);

                // An answered turn is settled any moment. Were the result told before, the next prompt might find the
                // agent not yet given back, and have another one started.
                if (!cancellationToken.IsCancellationRequested)
                    await _settled.ConfigureAwait(false);
                return answer;
            }

            await stop.CancelAsync().ConfigureAwait(false);
            return turn.Close(PromptOutcome.TimedOut, silence);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The link from the caller's token may not have fired yet, and is undone when this method ends.
            await stop.CancelAsync().ConfigureAwait(false);
            return turn.Close(PromptOutcome.Cancelled, Cancelled());
        }
        finally
        {
            Turn = null;
        }
    }

    /// <summary>A cancelled turn may still run; the agent is told to end the session when that has ended.</summary>
    public void Close() => connection.CloseSession(this, after: _settled);

    /// <summary>Sees a turn to its end: a cancelled one gets its grace. False when the agent did not end it.</summary>
    private async Task<bool> SettleAsync(JsonRpcCall<PromptReply> call, AcpTurn turn, CancellationToken stop)
    {
        try
        {
            await call.Response.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !call.Response.IsCompleted)
        {
            turn.BeginCancel();
            return await connection.CancelTurnAsync(this, call.Response).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // How the turn ended is for the caller to tell; that it ended is what counts here.
        }

        return true;
    }

    private async Task<TurnResult> ReadAnswerAsync(JsonRpcCall<PromptReply> call, AcpTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            PromptReply reply = await call.Response.ConfigureAwait(false);
            if (FallBack is { } fallBack)
                return turn.Close(PromptOutcome.Failed, fallBack, reply.StopReason);
            if (turn.WasThrottledToSilence)
                return turn.Close(PromptOutcome.Failed, Throttled(turn), reply.StopReason);
            if (reply.StopReason != "cancelled")
                return turn.Close(PromptOutcome.Completed, null, reply.StopReason ?? "end_turn");

            // A quick agent obeys a cancel before the one who waits for its answer has noticed it.
            if (cancellationToken.IsCancellationRequested)
                return turn.Close(PromptOutcome.Cancelled, Cancelled(), reply.StopReason);
            return turn.Close(
                PromptOutcome.Failed,
                new AgentException(FailureKind.CancelledByAgent, "The agent ended the turn as cancelled, though nobody cancelled it. It does so when a permission is rejected: allow the tool, or ask for less."),
                reply.StopReason);
        }
        catch (Exception e) when (e is JsonRpcException or IOException && cancellationToken.IsCancellationRequested)
        {
            // Some agents end a cancelled turn with an error, or end themselves, which may be here before the cancel is noticed.
            return turn.Close(PromptOutcome.Cancelled, Cancelled());
        }
        catch (JsonRpcException e)
        {
            AgentException failure = turn.RateLimitMessage is null ? KiroExtensions.ToFailure(e, "to answer the prompt") : Throttled(turn, e);
            connection.GiveUpIfSignedOut(failure);
            return turn.Close(PromptOutcome.Failed, failure);
        }
        catch (JsonException e)
        {
            return turn.Close(PromptOutcome.Failed, new AgentException(FailureKind.ProtocolViolation, e.Message, e));
        }
        catch (IOException e)
        {
            // The pipe can be known to be broken before the write that broke it is.
            await Task.WhenAny(call.Written, Task.Delay(WriteEndsWithin, CancellationToken.None)).ConfigureAwait(false);
            bool unseen = call.Written.IsFaulted;
            string what = unseen ? "before the prompt could be sent" : "before it answered; what it did until then is unknown";
            AgentException failure = await connection.DescribeEndAsync(FailureKind.AgentDied, what, e).ConfigureAwait(false);
            return turn.Close(unseen ? PromptOutcome.Failed : PromptOutcome.Indeterminate, failure, mayHaveBeenSeen: !unseen);
        }
    }

    private static AgentException Throttled(AcpTurn turn, Exception? cause = null) =>
        new(FailureKind.RateLimited, $"The agent is being throttled: {turn.RateLimitMessage}", cause);

    private static AgentException Cancelled() => new(FailureKind.PromptCancelled, "The prompt was cancelled.");
}
