using System.Diagnostics;
using System.Runtime.CompilerServices;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Prompting;

/// <summary>One attempt to run a prompt: it gets an agent and a session, waits for the end of a cool-down, and sends the prompt.</summary>
internal sealed class PromptAttempt(PromptServices pool, PromptRequest request, AgentSpec spec, Conversation? conversation, PromptFacts facts, ReviewedAnswers? answers, PromptTrace? trace)
{
    // The statistics name a prompt; they do not repeat it.
    private const int MostOfPrompt = 200;

    private readonly TimeProvider _time = pool.Time;

    // A fork leaves its conversation as it is.
    private readonly Conversation? _own = request.Fork ? null : conversation;
    private bool? _isProbe;

    /// <summary>Runs the attempt. Never throws for the failure of a prompt.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TurnResult> RunAsync(CancellationToken cancellationToken)
    {
        PromptLoan? loan = null;
        bool sent = false;
        facts.Session = null;
        facts.ProcessId = null;
        facts.HostName = null;
        try
        {
            loan = conversation is null ? await BorrowAsync(cancellationToken).ConfigureAwait(false) : await SeatAsync(conversation, cancellationToken).ConfigureAwait(false);

            // Last, because prompts that waited for an agent when the pause began would run into the limit one after the other.
            await CoolDownAsync(cancellationToken).ConfigureAwait(false);

            // Other prompts may have spent the budget during the waits.
            if (pool.WhyNotToSpend(request) is { } reached)
                throw reached;
            facts.Session = loan.Session;
            facts.ProcessId = loan.Lease.Connection.ProcessId;
            facts.HostName = loan.Lease.Agent.Host.Host.Name;
            AnnounceSending();

            // A prompt that was cancelled during the waits must not be sent and paid for.
            cancellationToken.ThrowIfCancellationRequested();
            facts.Reused = loan.Lease.CountUse();
            _own?.Seated(facts.Restarted);

            long sentAt = _time.GetTimestamp();
            sent = true;
            loan.Lease.Agent.Life.Work = new AgentWork(request.Index, Shortened(request.Name ?? request.Prompt), sentAt);
            TurnResult turn = await TakeTurnsAsync(loan, cancellationToken).ConfigureAwait(false);
            facts.TurnTime = _time.GetElapsedTime(sentAt);
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
            // No known failure gets here, but every prompt needs an outcome, even with a poor message.
            var failure = new AgentException(FailureKind.AgentError, $"The prompt could not be run: {e.Message}", e);
            if (sent)
                _own?.Seat.Speaks();
            return sent ? new TurnResult { Outcome = PromptOutcome.Indeterminate, Failure = failure } : NotSent(PromptOutcome.Failed, failure);
        }
        finally
        {
            if (loan is not null)
                loan.Lease.Agent.Life.Work = null;
            loan?.Dispose();
            LeaveCoolDown(wasSent: false, wasThrottled: false);
        }
    }

    private static string Shortened(string prompt) => prompt.Length <= MostOfPrompt ? prompt : prompt[..TerminalText.CutAt(prompt, MostOfPrompt)];

    public static TurnResult NotSentCancelled() =>
        NotSent(PromptOutcome.Cancelled, new AgentException(FailureKind.PromptCancelled, "The prompt was cancelled before it was sent."));

    public static TurnResult NotSent(PromptOutcome outcome, AgentException failure) =>
        new() { Outcome = outcome, Failure = failure, MayHaveBeenSeen = false };

    /// <summary>Rents an agent and takes a new session of it.</summary>
    private async ValueTask<PromptLoan> BorrowAsync(CancellationToken cancellationToken)
    {
        AgentLease lease;
        long askedAt = _time.GetTimestamp();
        Activity? wait = trace?.Step("queue");
        try
        {
            lease = await pool.Dispatcher.RentAsync(spec, resident: null, isAccepted: true, cancellationToken, request.WaitRules).ConfigureAwait(false);
        }
        finally
        {
            wait?.End();
            facts.QueuedFor += _time.GetElapsedTime(askedAt);
        }

        facts.ProcessId = lease.Connection.ProcessId;
        facts.HostName = lease.Agent.Host.Host.Name;
        long readyAt = _time.GetTimestamp();
        Activity? session = trace?.Step("session");
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
            session?.End();
            facts.SessionWait += _time.GetElapsedTime(readyAt);
        }
    }

    /// <summary>Starts a turn on the agent of the conversation, or on another one that resumes it.</summary>
    private async ValueTask<PromptLoan> SeatAsync(Conversation talk, CancellationToken cancellationToken)
    {
        long askedAt = _time.GetTimestamp();
        TimeSpan forSession = TimeSpan.Zero;
        Activity? session = trace?.Step("session");
        try
        {
            SeatedTurn turn = request.Fork
                ? await SessionFork.MakeAsync(talk, pool.Dispatcher, _time, request.WaitRules, cancellationToken).ConfigureAwait(false)
                : await talk.Seat.TakeAsync(request.AllowNewConversation, cancellationToken, request.WaitRules).ConfigureAwait(false);
            forSession = turn.SessionWait;
            facts.SessionWait += forSession;
            facts.Resumed |= turn.Resumed;
            facts.Restarted |= turn.StartedAfresh;
            return turn.Loan;
        }
        finally
        {
            session?.End();
            facts.QueuedFor += _time.GetElapsedTime(askedAt) - forSession;
        }
    }

    /// <summary>Waits for the end of a cool-down. This counts as waiting for an agent.</summary>
    private async ValueTask CoolDownAsync(CancellationToken cancellationToken)
    {
        long askedAt = _time.GetTimestamp();
        try
        {
            _isProbe = await pool.CoolDown.EnterAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            facts.QueuedFor += _time.GetElapsedTime(askedAt);
        }
    }

    private void AnnounceSending()
    {
        try
        {
            request.OnSending?.Invoke(facts.ProcessId, facts.Age);
        }
        catch (Exception e)
        {
            // A fault in the caller's code must not change the outcome of the prompt.
            pool.Dispatcher.Log.Write(new PoolEvent(PoolEventLevel.Warning, $"OnSending of prompt {request.Index} threw: {e.Message}", facts.ProcessId));
        }
    }

    /// <summary>Reports the outcome of this attempt to the cool-down, once.</summary>
    private void LeaveCoolDown(bool wasSent, bool wasThrottled)
    {
        if (_isProbe is not { } isProbe)
            return;
        _isProbe = null;
        pool.CoolDown.Leave(isProbe, wasSent, wasThrottled);
    }

    /// <summary>The turn of the prompt, then further turns in the same session while its answer is rejected.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnResult> TakeTurnsAsync(PromptLoan loan, CancellationToken cancellationToken)
    {
        IAgentConnection connection = loan.Lease.Connection;
        bool remembers = connection.MostConversations > 0;
        TurnResult turn = await TakeTurnAsync(loan.Session, ToTurn(connection, isSameConversation: _own is not null && !facts.Restarted), cancellationToken).ConfigureAwait(false);
        while (answers is { WantsAnother: true } && remembers)
        {
            // The agent was not throttled a moment ago, but the account may be now.
            LeaveCoolDown(wasSent: true, wasThrottled: false);
            await CoolDownAsync(cancellationToken).ConfigureAwait(false);

            // Each turn costs, and a review may have ignored that the prompt was cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            if (pool.WhyNotToSpend(request) is { } exhausted)
                throw exhausted;
            turn = await TakeTurnAsync(loan.Session, ToTurn(connection, isSameConversation: true), cancellationToken).ConfigureAwait(false);
        }

        return turn;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TurnResult> TakeTurnAsync(IAgentSession session, TurnRequest next, CancellationToken cancellationToken)
    {
        TurnResult turn = await session.PromptAsync(trace?.Turn(next, facts.ProcessId) ?? next, cancellationToken).ConfigureAwait(false);
        trace?.TurnEnded(turn);
        if (turn.MayHaveBeenSeen)
        {
            facts.Attempts++;
            _own?.Seat.Speaks();
        }

        pool.Spend(request, turn.Meter);
        return answers is null ? turn : await answers.TakeAsync(turn, pool.WhyNotToSpend(request), cancellationToken).ConfigureAwait(false);
    }

    private TurnRequest ToTurn(IAgentConnection connection, bool isSameConversation) => new()
    {
        Parts = answers?.NextParts(isSameConversation, connection.TakesOutputSchema) ?? [new PromptPart.Text(request.Prompt), .. request.Attachments],
        OutputSchema = connection.TakesOutputSchema ? answers?.OutputSchema : null,
        InactivityTimeout = request.InactivityTimeout ?? pool.Dispatcher.Options.InactivityTimeout,
        IsSlashCommand = request.IsSlashCommand,
        Meta = request.Meta,
        PrepareNextSession = conversation is null,
        IsFork = request.Fork,
        FormHandler = request.FormHandler,
        Permissions = Desk(request.Permissions ?? pool.Permissions),
        OnUpdate = _isProbe == true ? ReleaseTheOthers + OnUpdate() : OnUpdate(),
    };

    /// <summary>The caller's listener, guarded here for all protocols: what it throws must not cost the prompt its answer.</summary>
    private Action<PromptUpdate>? OnUpdate()
    {
        if (request.OnUpdate is not { } listener)
            return null;
        bool hasFailed = false;
        return update =>
        {
            update.Index = request.Index;
            try
            {
                listener(update);
            }
            catch (Exception e)
            {
                if (!hasFailed)
                    pool.Dispatcher.Log.Write(new PoolEvent(PoolEventLevel.Warning, $"OnUpdate of prompt {request.Index} threw: {e.Message} The prompt goes on. This is logged once per prompt.", facts.ProcessId));
                hasFailed = true;
            }
        };
    }

    private PermissionDesk Desk(PermissionPolicy policy) =>
        new(policy, conversation?.Grants, pool.Tools);

    /// <summary>Text proves that the probe is not throttled, so the others need not wait for the end of its turn.</summary>
    private void ReleaseTheOthers(PromptUpdate update)
    {
        if (_isProbe != true)
            return;
        _isProbe = false;
        pool.CoolDown.Leave(isProbe: true, wasSent: true, wasThrottled: false);
    }
}
