using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <content>Creating, resuming and closing sessions.</content>
internal sealed partial class AcpConnection
{
    public async ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
    {
        ThrowIfEnded();

        // Taken before the wait, because two conversations of the process must not get the same one.
        Task<AcpSession> next;
        lock (_gate)
        {
            // A failure of the earlier attempt may have passed.
            if (_nextSession is { IsFaulted: true })
                _nextSession = null;
            next = _nextSession ?? PrepareAsync(after: null);
            _nextSession = null;
        }

        try
        {
            return await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!next.IsFaulted)
        {
            PutBack(next);
            throw;
        }
    }

    public async Task<IAgentSession> LoadSessionAsync(string id, bool hasHistory, CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        if (!CanLoadSessions)
            throw new AgentException(FailureKind.SessionLost, "The agent offers neither session/resume nor session/load, so it cannot resume the conversation.");
        Task turns = _turnSettled;
        try
        {
            // An agent may answer an unknown id with silence for ever, or end (kirodotdev/Kiro#6753).
            _inbox.ExpectReplay(id);
            (AcpSession session, bool isReplayed) = await ResumeAsync(id, turns.IsCompleted ? null : turns, cancellationToken).ConfigureAwait(false);
            if (_inbox.WasReplayed(id) || !hasHistory || !isReplayed)
                return session;

            // session/load must replay every earlier turn. A new conversation under the old id is not the same one.
            Forget(session);
            throw new AgentException(FailureKind.SessionLost, $"The agent loaded the conversation {id} without its earlier turns, so it is not the same one.") { Value = id };
        }
        catch (AgentException e) when (e.Kind is FailureKind.AgentStartTimedOut or FailureKind.AgentStartFailed or FailureKind.AgentError || e is { Kind: FailureKind.SessionLost, InnerException: not null })
        {
            throw new AgentException(FailureKind.SessionLost, $"The conversation {id} could not be resumed. {e.Message}", e) { Value = id };
        }
        catch (AgentException e)
        {
            GiveUpIfSignedOut(e);
            throw;
        }
        catch (OperationCanceledException)
        {
            // The agent may still finish the load, and would then hold the conversation locked without a user.
            Close("the resume of a conversation was abandoned");
            throw;
        }
        finally
        {
            _inbox.WasReplayed(id);
        }
    }

    /// <summary>Resumes a conversation without a replay if the agent offers that, else with one.</summary>
    /// <returns>The session, and whether its earlier turns must have been replayed.</returns>
    private async Task<(AcpSession Session, bool IsReplayed)> ResumeAsync(string id, Task? turn, CancellationToken cancellationToken)
    {
        if (OffersResume)
        {
            try
            {
                return (await LoadByAsync(AcpMethods.SessionResume).ConfigureAwait(false), false);
            }
            catch (AgentException e) when (OffersLoad && e.InnerException is JsonRpcException { Code: JsonRpcException.MethodNotFound })
            {
                log.WriteDebug($"does not have {AcpMethods.SessionResume}, although it offers it", ProcessId);
            }
        }

        return (await LoadByAsync(AcpMethods.SessionLoad).ConfigureAwait(false), true);

        async Task<AcpSession> LoadByAsync(string method) =>
            await BeforeAsync(limits.SessionTimeout, method, limit => _setup!.LoadAsync(id, method, limit), cancellationToken, turn).ConfigureAwait(false);
    }

    /// <summary>Waits until the agent confirms the cancel of a request. The process serves no more prompts if it does not.</summary>
    private async Task<bool> WithdrawAsync(RequestWithdrawnException withdrawn, AgentException failure)
    {
        if (await new Grace(limits.CancelGrace, time).WaitAsync(withdrawn.Settled).ConfigureAwait(false) && withdrawn.Settled.Result)
            return true;
        Break(failure);
        return false;
    }

    /// <summary>Drops a session without closing it. The process keeps it locked, so the process ends.</summary>
    public void Forget(AcpSession session)
    {
        _inbox.Remove(session);
        Close("a resumed conversation could not get its agent and model");
    }

    private void ThrowIfEnded()
    {
        // It may have died without the event having arrived. A prompt written now would be lost.
        if (!_process!.HasEnded)
            return;
        Close("it ended");
        throw new AgentException(FailureKind.AgentDied, "The agent ended while it was idle.");
    }

    /// <summary>Keeps a session of an abandoned request for the next one. One is enough.</summary>
    private void PutBack(Task<AcpSession> session)
    {
        lock (_gate)
        {
            if (_nextSession is null)
            {
                _nextSession = session;
                return;
            }
        }

        _ = session.ContinueWith(static made => made.Result.Close(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    public void CloseSession(AcpSession session, Task after)
    {
        _inbox.Remove(session);
        if (after.IsCompleted)
            SendClose(session);
        else
            _ = CloseLaterAsync(session, after);
    }

    private async Task CloseLaterAsync(AcpSession session, Task after)
    {
        await after.ConfigureAwait(false);
        SendClose(session);
    }

    /// <summary>Closes a session in the background. An open session only costs the agent memory until it is recycled.</summary>
    private void SendClose(AcpSession session)
    {
        if (Volatile.Read(ref _closeMethods) is not [var method, ..] || _closed.Task.IsCompleted)
            return;
        if (method.Destroys && session.IsConversation)
            log.WriteDebug($"a conversation stays open until the process ends, because {method.Name} would destroy it", ProcessId);
        else if (Interlocked.Increment(ref _openCloses) <= MostOpenCloses)
            _rpc!.Send(method.Name, new SessionParams(session.Id), OutgoingJson.Default.SessionParams, new PendingClose(this, method, session));
        else if (Interlocked.Exchange(ref _closeMethods, []).Length > 0)
            log.WriteDebug($"{method.Name} is not answered, so sessions stay open until the process is replaced", ProcessId);
    }

    private void CloseFailed(CloseMethod method, AcpSession session, Exception reason)
    {
        if (reason is not JsonRpcException error)
            return;
        if (error.Code != JsonRpcException.MethodNotFound && !(error.Code == JsonRpcException.InternalError && KnownFailure.IsUnknownMethod(error.Message)))
        {
            log.WriteDebug($"a session was not closed: {reason.Message}", ProcessId);
            return;
        }

        // Several closes may be open when the first one finds out. The reader, which runs this, must not wait for a write.
        CloseMethod[] known = Volatile.Read(ref _closeMethods);
        if (known.Length > 0 && known[0] == method)
            Interlocked.CompareExchange(ref _closeMethods, known[1..], known);
        ThreadPool.UnsafeQueueUserWorkItem(static state => state.Connection.SendClose(state.Session), (Connection: this, Session: session), preferLocal: false);
    }

    private sealed class PendingClose(AcpConnection connection, CloseMethod method, AcpSession session) : IPendingRequest
    {
        public void Complete(ReadOnlySpan<byte> result) => Interlocked.Decrement(ref connection._openCloses);

        public void Fail(Exception exception)
        {
            Interlocked.Decrement(ref connection._openCloses);
            connection.CloseFailed(method, session, exception);
        }
    }
}
