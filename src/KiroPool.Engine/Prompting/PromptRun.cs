using System.Runtime.CompilerServices;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Prompting;

/// <summary>One prompt on its way through the pool, from being queued to its one outcome.</summary>
internal sealed partial class PromptRun(AgentPool pool, PromptRequest request, PoolCounters counters, TimeProvider time)
{
    // An agent that died while it was idle, or whose session failed, has not seen the prompt; another one gets it.
    private const int MaxTries = 3;

    private readonly Session? _conversation = request.Session;
    private readonly AgentSpec _spec = request.Session?.Spec ?? request.Spec ?? pool.DefaultSpec;
    private readonly long _queuedAt = time.GetTimestamp();
    private TimeSpan _queuedFor;
    private TimeSpan _sessionWait;
    private TimeSpan? _turnTime;
    private int? _processId;
    private bool _reused;
    private bool _resumed;
    private bool _startedAfresh;
    private IAgentSession? _session;
    private bool? _isProbe;

    /// <summary>Runs it. Never throws for what happens to a prompt.</summary>
    /// <param name="caller">The caller's wish to cancel it.</param>
    /// <param name="poolStop">The pool's.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(PromptResult Result, AgentException? Failure)> RunAsync(CancellationToken caller, CancellationToken poolStop)
    {
        using CancellationTokenSource? limit = request.Timeout > TimeSpan.Zero ? new CancellationTokenSource(request.Timeout, time) : null;
        using CancellationTokenSource? several = Join(caller, poolStop, limit?.Token ?? default, _conversation?.Removed ?? default);
        return await AcceptedAsync(caller, poolStop, several?.Token ?? poolStop).ConfigureAwait(false);
    }

    /// <summary>A source that is cancelled with any of them; null when that is only the pool's stop.</summary>
    private static CancellationTokenSource? Join(CancellationToken caller, CancellationToken poolStop, CancellationToken limit, CancellationToken removed) =>
        removed.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource([caller, poolStop, limit, removed])
        : caller.CanBeCanceled || limit.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(caller, poolStop, limit)
        : null;

    private (PromptResult Result, AgentException? Failure) End(TurnResult turn, CancellationToken caller, CancellationToken poolStop)
    {
        if (turn.Outcome == PromptOutcome.Cancelled)
            turn = WhoCancelled(turn, caller, poolStop);
        counters.PromptEnded(turn.Outcome, _queuedFor, _turnTime);
        return (ToResult(turn), turn.Failure);
    }

    /// <summary>What the pool accepted it sees through to an end, even while it drains and a second agent is needed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(PromptResult Result, AgentException? Failure)> AcceptedAsync(CancellationToken caller, CancellationToken poolStop, CancellationToken any)
    {
        if (!pool.TryAccept())
            return End(NotSent(PromptOutcome.Failed, AgentPool.Stopped()), caller, poolStop);
        try
        {
            return _conversation is null
                ? End(await TryAsync(any).ConfigureAwait(false), caller, poolStop)
                : await InConversationAsync(_conversation, caller, poolStop, any).ConfigureAwait(false);
        }
        finally
        {
            pool.Accomplished();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnResult> TryAsync(CancellationToken cancellationToken)
    {
        int unseen = 0;
        int retries = 0;
        while (true)
        {
            TurnResult turn = await TryOnceAsync(cancellationToken).ConfigureAwait(false);
            bool again = IsSafeToRepeat(turn) ? ++unseen < MaxTries : IsWorthRepeating(turn) && retries++ < request.RetryCount;
            if (!again)
                return turn;
            pool.Log.WriteVerbose($"prompt {request.Index} is run again: {turn.Failure!.Message}", _processId);
        }
    }

    /// <summary>The prompt certainly never reached the agent, and another one may do better.</summary>
    private bool IsSafeToRepeat(TurnResult turn) =>
        !turn.MayHaveBeenSeen
        && _processId is not null
        && turn.Failure?.Kind is FailureKind.AgentDied or FailureKind.AgentStartFailed or FailureKind.AgentError;

    /// <summary>The user wants it repeated, the agent showed no sign of having done anything, and it may pass the next time.</summary>
    private bool IsWorthRepeating(TurnResult turn) =>
        (_conversation is null || !turn.MayHaveBeenSeen)
        && turn is { Outcome: PromptOutcome.Failed or PromptOutcome.Indeterminate or PromptOutcome.TimedOut, HasLeftTraces: false }
        && turn.Failure?.Kind is FailureKind.AgentDied or FailureKind.AgentStartFailed or FailureKind.AgentStartTimedOut or FailureKind.AgentError
            or FailureKind.AgentSilent or FailureKind.RateLimited or FailureKind.ProtocolViolation;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnResult> TryOnceAsync(CancellationToken cancellationToken)
    {
        PromptLoan? loan = null;
        bool sent = false;
        _session = null;
        _processId = null;
        try
        {
            loan = _conversation is null ? await BorrowAsync(cancellationToken).ConfigureAwait(false) : await SeatAsync(_conversation, cancellationToken).ConfigureAwait(false);

            // Last, or those who queued for an agent before the pause would run into it one after the other.
            await CoolDownAsync(cancellationToken).ConfigureAwait(false);
            _session = loan.Session;
            _processId = loan.Lease.Connection.ProcessId;
            _reused = loan.Lease.CountUse();
            SayItIsSent();

            _conversation?.Seated(_startedAfresh);

            long sentAt = time.GetTimestamp();
            sent = true;
            TurnResult turn = await _session.PromptAsync(ToTurn(), cancellationToken).ConfigureAwait(false);
            if (turn.MayHaveBeenSeen)
                _conversation?.Seat.Speaks();
            _turnTime = time.GetElapsedTime(sentAt);
            LeaveCoolDown(turn.MayHaveBeenSeen && turn.Outcome != PromptOutcome.Cancelled, turn.Failure?.Kind == FailureKind.RateLimited);
            return turn;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return NotSentCancelled();
        }
        catch (AgentException e)
        {
            return NotSent(PromptOutcome.Failed, e);
        }
        catch (Exception e)
        {
            // Nothing known comes here; but a prompt without an outcome would be worse than one with a poor message.
            var failure = new AgentException(FailureKind.AgentError, $"The prompt could not be run: {e.Message}", e);
            if (sent)
                _conversation?.Seat.Speaks();
            return sent ? new TurnResult { Outcome = PromptOutcome.Indeterminate, Failure = failure } : NotSent(PromptOutcome.Failed, failure);
        }
        finally
        {
            loan?.Dispose();
            LeaveCoolDown(wasSent: false, wasThrottled: false);
        }
    }

    /// <summary>Rents an agent and takes a fresh session of it.</summary>
    private async ValueTask<PromptLoan> BorrowAsync(CancellationToken cancellationToken)
    {
        AgentLease lease = await RentAsync(cancellationToken).ConfigureAwait(false);
        _processId = lease.Connection.ProcessId;
        long readyAt = time.GetTimestamp();
        try
        {
            return new PromptLoan(lease, await lease.Connection.TakeSessionAsync(cancellationToken).ConfigureAwait(false), keep: false);
        }
        catch
        {
            lease.Return();
            throw;
        }
        finally
        {
            _sessionWait += time.GetElapsedTime(readyAt);
        }
    }

    /// <summary>Waits while the pool pauses because its account is throttled; that counts as waiting for an agent.</summary>
    private async ValueTask CoolDownAsync(CancellationToken cancellationToken)
    {
        long askedAt = time.GetTimestamp();
        try
        {
            _isProbe = await pool.CoolDown.EnterAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _queuedFor += time.GetElapsedTime(askedAt);
        }
    }

    /// <summary>Says what became of this attempt, once.</summary>
    private void LeaveCoolDown(bool wasSent, bool wasThrottled)
    {
        if (_isProbe is not { } isProbe)
            return;
        _isProbe = null;
        pool.CoolDown.Leave(isProbe, wasSent, wasThrottled);
    }

    private async ValueTask<AgentLease> RentAsync(CancellationToken cancellationToken)
    {
        long askedAt = time.GetTimestamp();
        try
        {
            return await pool.RentForAcceptedAsync(_spec, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _queuedFor += time.GetElapsedTime(askedAt);
        }
    }

    private void SayItIsSent()
    {
        try
        {
            request.OnSending?.Invoke(_processId, time.GetElapsedTime(_queuedAt));
        }
        catch (Exception e)
        {
            // The caller's code must not cost the prompt its outcome.
            pool.Log.Write(new PoolEvent(PoolEventLevel.Warning, $"OnSending of prompt {request.Index} threw: {e.Message}", _processId));
        }
    }

    private TurnRequest ToTurn() => new()
    {
        Parts = [new PromptPart.Text(request.Prompt), .. request.Attachments],
        InactivityTimeout = request.InactivityTimeout ?? pool.Options.InactivityTimeout,
        IsSlashCommand = request.IsSlashCommand,
        PrepareNextSession = _conversation is null,
        Permissions = Desk(request.Permissions ?? pool.Permissions),
        OnUpdate = _isProbe == true ? ReleaseTheOthers + OnUpdate() : OnUpdate(),
    };

    /// <summary>The caller's listener, guarded here for all protocols: what it throws must not cost the prompt its answer.</summary>
    private Action<PromptUpdate>? OnUpdate()
    {
        if (request.OnUpdate is not { } tell)
            return null;
        bool hasFailed = false;
        return update =>
        {
            update.Index = request.Index;
            try
            {
                tell(update);
            }
            catch (Exception e)
            {
                if (!hasFailed)
                    pool.Log.Write(new PoolEvent(PoolEventLevel.Warning, $"OnUpdate of prompt {request.Index} threw: {e.Message} The prompt goes on. This is logged once per prompt.", _processId));
                hasFailed = true;
            }
        };
    }

    private PermissionDesk Desk(PermissionPolicy policy) =>
        _conversation is null && ReferenceEquals(policy, PermissionPolicy.None) ? PermissionDesk.Closed : new PermissionDesk(policy, _conversation?.Grants);

    /// <summary>The one that tries is not throttled once it gets text; the others need not wait for the end of its turn.</summary>
    private void ReleaseTheOthers(PromptUpdate update)
    {
        if (_isProbe != true)
            return;
        _isProbe = false;
        pool.CoolDown.Leave(isProbe: true, wasSent: true, wasThrottled: false);
    }

    /// <summary>Three can cancel a prompt, and each is another outcome. The caller's wish counts first.</summary>
    private TurnResult WhoCancelled(TurnResult turn, CancellationToken caller, CancellationToken poolStop)
    {
        if (caller.IsCancellationRequested)
            return turn;
        if (_conversation is { IsRemoved: true } && !poolStop.IsCancellationRequested)
        {
            AgentException removed = Session.WasRemoved(_conversation.Name);
            return _session is null ? NotSent(PromptOutcome.Failed, removed) : turn with { Failure = removed };
        }

        if (poolStop.IsCancellationRequested && _processId is null)
            return NotSent(PromptOutcome.Failed, AgentPool.Stopped());
        if (poolStop.IsCancellationRequested)
            return turn with { Failure = new AgentException(FailureKind.PoolStopped, "The pool was stopped before the agent had answered.") };
        string where = _processId is null ? $"while it waited for an agent (the pool has at most {pool.Options.MaxSize})" : "before the agent had answered";
        return turn with
        {
            Outcome = PromptOutcome.TimedOut,
            Failure = new AgentException(FailureKind.PromptTimedOut, $"The prompt's time limit of {request.Timeout.TotalSeconds:0.###} s passed {where}.")
            { Value = request.Timeout.TotalSeconds },
        };
    }

    private PromptResult ToResult(TurnResult turn) => new()
    {
        Index = request.Index,
        Prompt = request.Prompt,
        InputObject = request.InputObject,
        Text = turn.Text,
        RawText = turn.RawText,
        ErrorText = turn.ErrorText,
        ExitCode = turn.ExitCode,
        Outcome = Enum.GetName(turn.Outcome)!,
        StopReason = turn.StopReason,
        Duration = time.GetElapsedTime(_queuedAt),
        QueuedFor = _queuedFor,
        SessionWait = _sessionWait,
        TimeToFirstText = turn.TimeToFirstText,
        AgentDuration = turn.AgentTime,
        Reused = _reused,
        ProcessId = _processId,
        SessionId = (_session?.Id ?? _conversation?.SessionId) is { Length: > 0 } id ? id : null,
        Session = _conversation is { Name.Length: > 0 } ? _conversation.Name : null,
        Resumed = _resumed,
        StartedAfresh = _startedAfresh,
        Agent = _session?.Agent ?? _spec.Agent,
        Model = _session?.Model ?? _spec.Model,
        ModelVerified = _session?.ModelVerified ?? false,
        WorkingDirectory = _spec.WorkingDirectory,
        Credits = turn.Credits,
        ContextPercent = turn.ContextPercent,
        ToolCalls = turn.ToolCalls,
    };

    private static TurnResult NotSentCancelled() =>
        NotSent(PromptOutcome.Cancelled, new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled before it was sent."));

    private static TurnResult NotSent(PromptOutcome outcome, AgentException failure) =>
        new() { Outcome = outcome, Failure = failure, MayHaveBeenSeen = false };
}
