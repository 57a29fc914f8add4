using System.Runtime.CompilerServices;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Prompting;

/// <content>What is otherwise for a prompt that belongs to a conversation.</content>
internal sealed partial class PromptRun
{
    /// <summary>Waits for the conversation's earlier prompts; the next one begins when this one's outcome is noted.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(PromptResult Result, AgentException? Failure)> InConversationAsync(Session conversation, CancellationToken caller, CancellationToken poolStop, CancellationToken any)
    {
        if (!conversation.BelongsTo(pool))
            return End(NotSent(PromptOutcome.Failed, SessionRegistry.FromElsewhere(conversation)), caller, poolStop);
        try
        {
            await conversation.Line.EnterAsync(any).ConfigureAwait(false);
            _queuedFor = time.GetElapsedTime(_queuedAt);
        }
        catch (OperationCanceledException)
        {
            _queuedFor = time.GetElapsedTime(_queuedAt);
            return End(NotSentCancelled(), caller, poolStop);
        }

        try
        {
            conversation.Touch();
            (PromptResult Result, AgentException? Failure) ended = End(await TryAsync(any).ConfigureAwait(false), caller, poolStop);
            conversation.Record(ended.Result, ended.Failure);
            return ended;
        }
        finally
        {
            conversation.Line.Leave();
        }
    }

    /// <summary>Has the conversation take its agent, or another one that takes it up again.</summary>
    private async ValueTask<PromptLoan> SeatAsync(Session conversation, CancellationToken cancellationToken)
    {
        long askedAt = time.GetTimestamp();
        TimeSpan forSession = TimeSpan.Zero;
        try
        {
            SeatedTurn turn = await conversation.Seat.TakeAsync(request.AllowNewConversation, cancellationToken).ConfigureAwait(false);
            forSession = turn.SessionWait;
            _sessionWait += forSession;
            _resumed |= turn.Resumed;
            _startedAfresh |= turn.StartedAfresh;
            return turn.Loan;
        }
        finally
        {
            _queuedFor += time.GetElapsedTime(askedAt) - forSession;
        }
    }
}
