using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;

namespace KiroPool.Engine.Acp;

/// <content>Handing out sessions, fresh ones and those an earlier process held, and closing them.</content>
internal sealed partial class AcpConnection
{
    public async ValueTask<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
    {
        ThrowIfEnded();

        // Taken before it is waited for: two conversations that share the process must not get the same one.
        Task<AcpSession> next;
        lock (_gate)
        {
            // What failed while nobody waited may be over by now.
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
            throw new AgentException(FailureKind.SessionLost, "The agent does not offer session/load, so the conversation cannot be taken up again.");
        Task turns = _turnSettled;
        try
        {
            // An id it does not know it may answer with silence for ever, or with its end (kirodotdev/Kiro#6753).
            _inbox.ExpectReplay(id);
            AcpSession session = await BeforeAsync(limits.SessionTimeout, AcpMethods.SessionLoad, limit => _setup!.LoadAsync(id, limit), cancellationToken, turns.IsCompleted ? null : turns).ConfigureAwait(false);
            if (_inbox.WasReplayed(id) || !hasHistory)
                return session;

            // The protocol wants every earlier turn replayed. A fresh start under the old id must not pass for the conversation.
            Forget(session);
            throw new AgentException(FailureKind.SessionLost, $"The agent took the conversation {id} up, but showed nothing of its earlier turns: it is not the same one.") { Value = id };
        }
        catch (AgentException e) when (e.Kind is FailureKind.AgentStartTimedOut or FailureKind.AgentStartFailed or FailureKind.AgentError)
        {
            throw new AgentException(FailureKind.SessionLost, $"The conversation {id} could not be taken up again. {e.Message}", e) { Value = id };
        }
        catch (AgentException e)
        {
            GiveUpIfSignedOut(e);
            throw;
        }
        catch (OperationCanceledException)
        {
            // The agent may still finish it, and then holds a conversation that nobody knows of and others cannot have.
            Close("taking up a conversation was given up");
            throw;
        }
        finally
        {
            _inbox.WasReplayed(id);
        }
    }

    /// <summary>Lets go of a session without closing it. The process keeps it locked, so the process goes.</summary>
    public void Forget(AcpSession session)
    {
        _inbox.Remove(session);
        Close("a conversation could not be set up as it was");
    }

    private void ThrowIfEnded()
    {
        // The news that it died idle may still be on its way, and a prompt written to it now would be lost.
        if (!_process!.HasEnded)
            return;
        Close("it ended");
        throw new AgentException(FailureKind.AgentDied, "The agent ended while it was idle.");
    }

    /// <summary>Keeps a session that was made for somebody who gave up for the next one; one is enough.</summary>
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
            SendClose(session.Id);
        else
            _ = CloseLaterAsync(session.Id, after);
    }

    private async Task CloseLaterAsync(string sessionId, Task after)
    {
        await after.ConfigureAwait(false);
        SendClose(sessionId);
    }

    /// <summary>Nobody waits for a close: a session that stays open costs the agent memory, and recycling ends that.</summary>
    private void SendClose(string sessionId)
    {
        if (_closeMethod is not { } method || _closed.Task.IsCompleted)
            return;
        if (Interlocked.Increment(ref _openCloses) <= MostOpenCloses)
            _rpc!.Send(method, new SessionParams(sessionId), AcpJson.Default.SessionParams, new PendingClose(this, method, sessionId));
        else if (Interlocked.Exchange(ref _closeMethod, null) is not null)
            log.WriteDebug($"{method} is not answered; sessions stay open until the process is replaced", ProcessId);
    }

    private void CloseFailed(string method, string sessionId, Exception reason)
    {
        if (reason is not JsonRpcException error)
            return;
        if (error.Code != JsonRpcException.MethodNotFound)
        {
            log.WriteDebug($"a session was not closed: {reason.Message}", ProcessId);
        }
        else if (method != AcpMethods.KiroSessionTerminate)
        {
            _closeMethod = null;
        }
        else
        {
            // A newer Kiro. Several closes can be under way when the first one learns that. The reader, which is here, must not wait for a write.
            _closeMethod = AcpMethods.KiroSessionDelete;
            ThreadPool.UnsafeQueueUserWorkItem(_ => SendClose(sessionId), null);
        }
    }

    private sealed class PendingClose(AcpConnection connection, string method, string sessionId) : IPendingRequest
    {
        public void Complete(ReadOnlySpan<byte> result) => Interlocked.Decrement(ref connection._openCloses);

        public void Fail(Exception exception)
        {
            Interlocked.Decrement(ref connection._openCloses);
            connection.CloseFailed(method, sessionId, exception);
        }
    }
}
