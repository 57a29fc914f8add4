using System.Text.Json;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Protocols.Acp;

/// <summary>One conversation with an ACP agent.</summary>
internal sealed class AcpSession(AcpConnection connection, string id) : IAgentSession
{
    public string Id { get; } = id;

    public string? Agent { get; set; }

    public string? Model { get; set; }

    public bool ModelVerified { get; set; }

    /// <summary>The names the agent says it could not find: it went on with its defaults.</summary>
    public AgentException? FallBack { get; set; }

    /// <summary>The turn that runs; late updates find none and are dropped.</summary>
    public AcpTurn? Turn { get; private set; }

    public async Task<TurnResult> PromptAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        var turn = new AcpTurn(request.OnUpdate, connection.Time);
        if (FallBack is not null)
            return turn.Close(PromptOutcome.Failed, FallBack, mayHaveBeenSeen: false);

        Turn = turn;
        JsonRpcCall<PromptReply> call = connection.SendPrompt(this, ToBlocks(request));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<bool> settled = SettleAsync(call, turn, stop.Token);
        connection.TurnStarted(settled);
        if (request.PrepareNextSession)
            connection.PrepareNextSession(after: settled);

        try
        {
            AgentException? silence = await connection.WaitForAnswerAsync(call.Response, request.InactivityTimeout, cancellationToken).ConfigureAwait(false);
            if (silence is null)
                return await ReadAnswerAsync(call, turn).ConfigureAwait(false);

            await stop.CancelAsync().ConfigureAwait(false);
            return turn.Close(PromptOutcome.TimedOut, silence);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The link from the caller's token may not have fired yet, and is undone when this method ends.
            await stop.CancelAsync().ConfigureAwait(false);
            return turn.Close(PromptOutcome.Cancelled, new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled."));
        }
        finally
        {
            Turn = null;
        }
    }

    public void Close() => connection.CloseSession(this);

    /// <summary>Sees a turn to its end: a cancelled one gets its grace. False when the agent did not end it.</summary>
    private async Task<bool> SettleAsync(JsonRpcCall<PromptReply> call, AcpTurn turn, CancellationToken stop)
    {
        try
        {
            await call.Response.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !call.Response.IsCompleted)
        {
            turn.IsCancelling = true;
            return await connection.CancelTurnAsync(this, call.Response).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // How the turn ended is for the caller to tell; that it ended is what counts here.
        }

        return true;
    }

    private async Task<TurnResult> ReadAnswerAsync(JsonRpcCall<PromptReply> call, AcpTurn turn)
    {
        try
        {
            PromptReply reply = await call.Response.ConfigureAwait(false);
            if (FallBack is { } fallBack)
                return turn.Close(PromptOutcome.Failed, fallBack, reply.StopReason);
            if (reply.StopReason != "cancelled")
                return turn.Close(PromptOutcome.Completed, null, reply.StopReason ?? "end_turn");
            return turn.Close(
                PromptOutcome.Failed,
                new AgentException(FailureKind.CancelledByAgent, "The agent ended the turn as cancelled, though nobody cancelled it. It does so when a permission is rejected: allow the tool, or ask for less."),
                reply.StopReason);
        }
        catch (JsonRpcException e)
        {
            AgentException failure = turn.RateLimitMessage is { } limit
                ? new AgentException(FailureKind.RateLimited, $"The agent is being throttled: {limit}", e)
                : KiroExtensions.ToFailure(e, "to answer the prompt");
            connection.GiveUpIfSignedOut(failure);
            return turn.Close(PromptOutcome.Failed, failure);
        }
        catch (JsonException e)
        {
            return turn.Close(PromptOutcome.Failed, new AgentException(FailureKind.ProtocolViolation, e.Message, e));
        }
        catch (IOException e)
        {
            bool unseen = call.Written.IsFaulted;
            string what = unseen ? "before the prompt could be sent" : "before it answered; what it did until then is unknown";
            AgentException failure = await connection.DescribeEndAsync(FailureKind.AgentDied, what, e).ConfigureAwait(false);
            return turn.Close(unseen ? PromptOutcome.Failed : PromptOutcome.Indeterminate, failure, mayHaveBeenSeen: !unseen);
        }
    }

    private ContentBlock[] ToBlocks(TurnRequest request)
    {
        var blocks = new ContentBlock[request.Parts.Count];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = ToBlock(request.Parts[i], keepLiteral: i == 0 && connection.IsKiro && !request.IsSlashCommand);
        return blocks;
    }

    private static ContentBlock ToBlock(PromptPart part, bool keepLiteral) => part switch
    {
        PromptPart.Text text => new ContentBlock("text") { Text = keepLiteral ? KiroExtensions.KeepLiteral(text.Value) : text.Value },
        PromptPart.Link link => new ContentBlock("resource_link")
        {
            Uri = new Uri(link.Path).AbsoluteUri,
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(link.Path)),
            Size = File.Exists(link.Path) ? new FileInfo(link.Path).Length : null,
        },
        _ => throw new NotSupportedException($"ACP has no block for {part.GetType().Name}."),
    };
}
