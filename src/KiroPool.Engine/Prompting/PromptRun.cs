using System.Runtime.CompilerServices;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Prompting;

/// <summary>One prompt from being queued to its outcome.</summary>
internal sealed class PromptRun(PromptServices pool, PromptRequest request, Conversation? conversation)
{
    // An agent that died while idle, or whose session failed, has not seen the prompt. Another agent gets it.
    private const int MaxTries = 3;

    private readonly AgentSpec _spec = conversation?.Spec ?? request.Spec ?? pool.Dispatcher.DefaultSpec;
    private readonly PromptFacts _facts = new(pool.Time);
    private PromptTrace? _trace;
    private readonly ReviewedAnswers? _answers = request.Review is { } review ? new ReviewedAnswers(request, review) : null;

    /// <summary>Runs the prompt. Never throws for its failure.</summary>
    /// <param name="refusal">The reason for refusing it; null to run it.</param>
    /// <param name="caller">Cancelled when the caller cancels the prompt.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(PromptResult Result, AgentException? Failure)> RunAsync(AgentException? refusal, CancellationToken caller)
    {
        _trace = PromptTrace.Begin(request, _spec);

        // Before an agent is asked for: a prompt that cannot be sent needs none.
        refusal ??= pool.WhyNotToSpend(request);
        if (refusal is not null || !pool.Dispatcher.TryAccept())
            return End(PromptAttempt.NotSent(PromptOutcome.Failed, refusal ?? PoolState.Stopped()), caller);

        // An accepted prompt runs to its end, even if a draining pool needs a second agent for it.
        try
        {
            CancellationToken poolStop = pool.Dispatcher.StopToken;
            using StepLimit? limit = request.Timeout > TimeSpan.Zero ? new StepLimit(request.Timeout, turn: null, pool.Time) : null;
            using CancellationTokenSource? several = Join(caller, poolStop, limit?.Token ?? default, conversation?.Removed ?? default);
            CancellationToken any = several?.Token ?? poolStop;
            return conversation is null || request.Fork
                ? End(await TryAsync(any).ConfigureAwait(false), caller)
                : await InTurnAsync(conversation, caller, any).ConfigureAwait(false);
        }
        finally
        {
            pool.Dispatcher.Accomplished();
        }
    }

    /// <summary>A source that any of the tokens cancels; null if the only token is the pool's stop.</summary>
    private static CancellationTokenSource? Join(CancellationToken caller, CancellationToken poolStop, CancellationToken limit, CancellationToken removed) =>
        removed.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource([caller, poolStop, limit, removed])
        : caller.CanBeCanceled || limit.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(caller, poolStop, limit)
        : null;

    /// <summary>Waits for the earlier prompts of the conversation. The next prompt starts when this outcome is recorded.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(PromptResult Result, AgentException? Failure)> InTurnAsync(Conversation talk, CancellationToken caller, CancellationToken any)
    {
        try
        {
            await talk.Line.EnterAsync(any).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _facts.QueuedFor = _facts.Age;
            _facts.WasInLine = true;
            return End(PromptAttempt.NotSentCancelled(), caller);
        }

        _facts.QueuedFor = _facts.Age;
        try
        {
            talk.Touch();
            (PromptResult result, AgentException? failure) = End(await TryAsync(any).ConfigureAwait(false), caller);
            var told = new SessionTurn
            {
                Prompt = result.Prompt,
                Text = result.Text,
                Outcome = result.Outcome,
                Duration = result.Duration,
                Failure = failure?.Message,
                IsAnswered = result is { Outcome: nameof(PromptOutcome.Completed), HasAnswer: true },
            };
            talk.Record(told, result.Credits, result.ContextPercent, result.StartedAfresh);
            return (result, failure);
        }
        finally
        {
            talk.Line.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnResult> TryAsync(CancellationToken cancellationToken)
    {
        int unseen = 0;
        int retries = 0;
        while (true)
        {
            TurnResult turn = await new PromptAttempt(pool, request, _spec, conversation, _facts, _answers, _trace).RunAsync(cancellationToken).ConfigureAwait(false);
            if (_answers is { WantsAnother: true } && turn.Outcome == PromptOutcome.Completed)
                continue;
            bool again = IsSafeToRepeat(turn) ? ++unseen < MaxTries : IsWorthRepeating(turn) && retries++ < request.RetryCount;
            if (!again)
                return turn;
            pool.Dispatcher.Log.WriteVerbose($"repeating prompt {request.Index}: {turn.Failure!.Message}", _facts.ProcessId);
        }
    }

    /// <summary>Whether the prompt certainly never reached the agent, and another agent may succeed.</summary>
    private bool IsSafeToRepeat(TurnResult turn) =>
        !turn.MayHaveBeenSeen
        && _facts.ProcessId is not null
        && turn.Failure?.Kind is FailureKind.AgentDied or FailureKind.HostLost or FailureKind.AgentStartFailed or FailureKind.AgentError;

    /// <summary>Whether a retry is allowed: the user wants it, the agent has done nothing visible, and the failure may be temporary.</summary>
    private bool IsWorthRepeating(TurnResult turn) =>
        (conversation is null || request.Fork || !turn.MayHaveBeenSeen)
        && turn is { Outcome: PromptOutcome.Failed or PromptOutcome.Indeterminate or PromptOutcome.TimedOut, HasLeftTraces: false }
        && turn.Failure?.Kind is FailureKind.AgentDied or FailureKind.AgentStartFailed or FailureKind.AgentStartTimedOut or FailureKind.AgentError
            or FailureKind.AgentSilent or FailureKind.RateLimited or FailureKind.ProtocolViolation;

    private (PromptResult Result, AgentException? Failure) End(TurnResult turn, CancellationToken caller)
    {
        if (turn.Outcome == PromptOutcome.Cancelled)
            turn = AttributeCancel(turn, caller);
        turn = _answers?.Total(turn) ?? (turn.MayHaveBeenSeen ? turn : turn with { Attempts = 0 });
        pool.Counters.PromptEnded(turn.Outcome, _facts.QueuedFor, _facts.TurnTime, _facts.HostName);
        PromptResult result = _facts.ToResult(request, _spec, conversation, turn);
        _trace?.End(result, turn.Failure);
        return (result, turn.Failure);
    }

    /// <summary>Maps the four causes of a cancel to their outcomes. The caller's cancel takes precedence.</summary>
    private TurnResult AttributeCancel(TurnResult turn, CancellationToken caller)
    {
        if (caller.IsCancellationRequested)
            return turn;
        bool poolStops = pool.Dispatcher.StopToken.IsCancellationRequested;
        if (conversation is { IsRemoved: true } && !poolStops)
        {
            AgentException removed = Conversation.WasRemoved(conversation.Name);
            return _facts.Session is null ? PromptAttempt.NotSent(PromptOutcome.Failed, removed) : turn with { Failure = removed };
        }

        if (poolStops && _facts.ProcessId is null)
            return PromptAttempt.NotSent(PromptOutcome.Failed, PoolState.Stopped());
        if (poolStops)
            return turn with { Failure = new AgentException(FailureKind.PoolStopped, "The pool was stopped before the agent answered.") };
        string where = _facts.WasInLine ? $"waiting for the earlier prompts of {(conversation!.Name.Length > 0 ? $"the session '{conversation.Name}'" : "the conversation")}"
            : _facts.ProcessId is null ? $"waiting for an agent; {DescribeLimit()}" : "before the agent answered";
        return turn with
        {
            Outcome = PromptOutcome.TimedOut,
            Failure = new AgentException(FailureKind.PromptTimedOut, $"Timed out after {request.Timeout.TotalSeconds:0.###} s {where}.")
            { Value = request.Timeout.TotalSeconds },
        };
    }

    private string DescribeLimit()
    {
        int most = pool.Dispatcher.Options.Capacity;
        int busy = pool.Dispatcher.Read().Slots.Count(slot => slot.State is PooledAgentState.Leased or PooledAgentState.Held);
        return busy >= most ? (most == 1 ? "the only one (-MaxSize 1) was busy" : $"all {most} (-MaxSize) were busy") : $"the pool has at most {most} (-MaxSize)";
    }
}
