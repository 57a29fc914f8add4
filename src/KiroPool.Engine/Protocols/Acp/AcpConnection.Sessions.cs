using KiroPool.Engine.Diagnostics;

namespace KiroPool.Engine.Protocols.Acp;

/// <content>Handing out sessions, fresh ones and those an earlier process held, and closing them.</content>
internal sealed partial class AcpConnection
{
    public async Task<IAgentSession> TakeSessionAsync(CancellationToken cancellationToken)
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
            AcpSession session = await BeforeAsync(options.SessionTimeout, AcpMethods.SessionLoad, limit => _setup!.LoadAsync(id, limit), cancellationToken, turns.IsCompleted ? null : turns).ConfigureAwait(false);
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
        if (_closeMethod is { } method && !_closed.Task.IsCompleted)
            _ = CloseSessionAsync(method, session.Id, after);
    }

    private async Task CloseSessionAsync(string method, string sessionId, Task after)
    {
        try
        {
            await after.ConfigureAwait(false);
            using var limit = new CancellationTokenSource(CloseSessionLimit, time);
            await _rpc!.RequestAsync(method, new SessionParams(sessionId), AcpJson.Default.SessionParams, AcpJson.Default.EmptyReply, limit.Token).ConfigureAwait(false);
        }
        catch (JsonRpcException e) when (e.Code == JsonRpcException.MethodNotFound && method == AcpMethods.KiroSessionTerminate)
        {
            // Several closes can be under way when the first one learns that this is a newer Kiro.
            _closeMethod = AcpMethods.KiroSessionDelete;
            _ = CloseSessionAsync(AcpMethods.KiroSessionDelete, sessionId, after);
        }
        catch (JsonRpcException e) when (e.Code == JsonRpcException.MethodNotFound)
        {
            _closeMethod = null;
        }
        catch (Exception e)
        {
            // A session that stays open costs the agent memory, and recycling ends that.
            log.WriteDebug($"a session was not closed: {e.Message}", ProcessId);
        }
    }
}
