using KiroPool.Engine.Agents;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>Reads the outcome of a turn from the agent's answer, from what it reported before, or from its end.</summary>
internal static class TurnOutcome
{
    private static readonly TimeSpan WriteEndsWithin = TimeSpan.FromMilliseconds(500);

    public static AgentException Cancelled() => new(FailureKind.PromptCancelled, "The prompt was cancelled.");

    /// <param name="connection">The connection to the agent.</param>
    /// <param name="session">The session of the turn.</param>
    /// <param name="call">The answered call.</param>
    /// <param name="written">The write of the prompt.</param>
    /// <param name="cancellationToken">The caller's token: an agent may answer a cancel before the cancel is recorded.</param>
    public static async ValueTask<TurnResult> ReadAsync(AcpConnection connection, AcpSession session, PromptCall call, Task written, CancellationToken cancellationToken)
    {
        AcpTurn turn = call.Turn;
        switch (call.Error)
        {
            case null when session.FallBack is { } fallBack:
                return turn.Close(PromptOutcome.Failed, fallBack, call.StopReason);
            case null when turn.Lost is { } lost:
                return turn.Close(PromptOutcome.Failed, lost, call.StopReason);
            case null when turn.WasThrottledToSilence:
                return turn.Close(PromptOutcome.Failed, Throttled(turn), call.StopReason);
            case null when call.StopReason != "cancelled" && turn.ShownError is { } shown && (turn.SaysFailed || !turn.HasAnswer):
                return Fail(connection, turn, shown.ToFailure(connection.Dialect.Classify(shown), "to answer the prompt", session.Model, cause: null), call.StopReason);
            case null when call.StopReason != "cancelled" && turn.SaysFailed:
                return Fail(connection, turn, new AgentException(FailureKind.AgentError, "The agent reported that the turn failed, without a reason."), call.StopReason);
            case null when call.StopReason != "cancelled":
                connection.HasAnswered = true;
                return turn.Close(PromptOutcome.Completed, null, call.StopReason ?? "end_turn", structuredOutput: call.StructuredOutput);
            case null or JsonRpcException or IOException when cancellationToken.IsCancellationRequested:
                // A quick agent obeys a cancel before it is recorded here. Some end the turn with an error, or end themselves.
                return turn.Close(PromptOutcome.Cancelled, Cancelled(), call.StopReason);
            case null or JsonRpcException { Code: JsonRpcException.RequestCancelled }:
                return turn.Close(
                    PromptOutcome.Failed,
                    new AgentException(FailureKind.CancelledByAgent, "The agent ended the turn as cancelled without a request to cancel it. Some agents do so when a permission is rejected. Allow the tool, or change the prompt."),
                    call.StopReason);
            case JsonRpcException error:
                AgentException failure = connection.Advise(AgentError.ToFailure(error, "to answer the prompt", connection.Dialect, session.Model));

                // An unspecific error after a throttling notice has the notice as its reason.
                return Fail(connection, turn, failure.Kind == FailureKind.AgentError && turn.RateLimitMessage is not null ? Throttled(turn, error) : failure);
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

    private static TurnResult Fail(AcpConnection connection, AcpTurn turn, AgentException failure, string? stopReason = null)
    {
        failure = connection.Explain(failure);
        connection.GiveUpIfSignedOut(failure);
        return turn.Close(PromptOutcome.Failed, failure, stopReason);
    }

    private static AgentException Throttled(AcpTurn turn, Exception? cause = null) =>
        new(FailureKind.RateLimited, $"The account is throttled: {turn.RateLimitMessage}", cause);
}
