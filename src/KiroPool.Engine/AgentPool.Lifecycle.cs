using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine;

/// <content>Starting and ending agents. What touches a process runs in a task of its own, outside the lock.</content>
public sealed partial class AgentPool
{
    private void Start(AgentSpec spec, PooledAgent? replaces = null)
    {
        var agent = new PooledAgent(spec, _connector.Create(spec), _time.GetUtcNow(), AgentLimits.Draw(Options, spec.ServesOnce, _random)) { Replaces = replaces };
        _agents.Add(agent);
        Log.WriteVerbose($"an agent is being started: {spec}");
        agent.Opened = Task.Run(() => OpenAsync(agent));
    }

    private async Task OpenAsync(PooledAgent agent)
    {
        AgentException? failure = null;
        try
        {
            await agent.Connection.OpenAsync(agent.Opening.Token).ConfigureAwait(false);
        }
        catch (AgentException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            failure = new AgentException(FailureKind.AgentStartFailed, $"The agent could not be started: {e.Message}", e);
        }

        if (agent.Connection.ProcessId is not null)
            _counters.ProcessCreated();
        lock (_gate)
        {
            if (agent.State != PooledAgentState.Starting)
                return;
            if (failure is null)
                StartSucceeded(agent);
            else
                StartFailed(agent, failure);
            Schedule();
        }
    }

    private void StartSucceeded(PooledAgent agent)
    {
        Log.WriteVerbose($"is warm after {(_time.GetUtcNow() - agent.CreatedAt).TotalMilliseconds:N0} ms", agent.Connection.ProcessId);
        _breakers.Remove(agent.Spec);
        agent.ReadyAt = _time.GetTimestamp();
        agent.LastUsed = agent.WarmSince = _time.GetUtcNow();
        MakeIdle(agent);
        _ = RemoveWhenItDiesAsync(agent);
        if (agent.Replaces is not { } old || old.DueFor(_time.GetUtcNow()) is not { } reason)
            return;
        if (old.State == PooledAgentState.Idle || IsSuspendable(old))
            EndReplaced(old, reason);
        else
            old.Replaced = reason;
    }

    private void StartFailed(PooledAgent agent, AgentException failure)
    {
        Log.WriteVerbose($"an agent did not start: {failure.Message}", agent.Connection.ProcessId);
        StartBreaker breaker = Breaker(agent.Spec);
        breaker.Failed(failure);
        End(agent, EndReason.StartFailed);

        if (breaker.IsOpen)
            Log.WriteVerbose($"starts pause for {breaker.RetryIn.TotalSeconds:0.#} s after failing {Options.BreakerThreshold} times or more in a row");
        if (failure.Kind == FailureKind.RateLimited)
            CoolDown.Throttled();

        // Agents of the key that live go on serving. Without any, one that ended may do better the next time, so its
        // waiters stay until the breaker opens; one that was given half a minute and did not answer has used up
        // somebody's patience; all else (no such program, model or sign-in) fails the next time too.
        if (IsAlive(agent.Spec))
            return;
        IReadOnlyList<Waiter> waiters = _waiting.Of(agent.Spec);
        IEnumerable<Waiter> disappointed = failure.Kind switch
        {
            FailureKind.AgentStartFailed or FailureKind.AgentError when !breaker.IsOpen => [],
            FailureKind.AgentStartTimedOut => waiters.Take(1),
            _ => waiters,
        };
        foreach (Waiter waiter in disappointed)
            Refuse(waiter, failure);
    }

    private async Task RemoveWhenItDiesAsync(PooledAgent agent)
    {
        await agent.Connection.Closed.ConfigureAwait(false);
        lock (_gate)
        {
            // A lent one is dealt with when it is given back.
            if (agent.State is not (PooledAgentState.Idle or PooledAgentState.Held))
                return;
            End(agent, EndReason.Died);
            Schedule();
        }
    }

    /// <summary>Begins to end an agent; its place is free when nothing of it is left.</summary>
    private void End(PooledAgent agent, EndReason reason)
    {
        _idle.Remove(agent);
        agent.MoveTo(PooledAgentState.Stopping);
        _counters.ProcessStopped(reason);
        Log.WriteVerbose($"is being ended ({reason})", agent.Connection.ProcessId);
        _ = Task.Run(() => EndAsync(agent));
    }

    private async Task EndAsync(PooledAgent agent)
    {
        try
        {
            // A start must be over before the stop, or it would leave a process behind that nobody knows.
            await agent.Opening.CancelAsync().ConfigureAwait(false);
            await agent.Opened.ConfigureAwait(false);
            await agent.Connection.StopAsync(force: _kill).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.WriteVerbose($"could not be ended cleanly: {e.Message}", agent.Connection.ProcessId);
        }
        finally
        {
            lock (_gate)
            {
                agent.MoveTo(PooledAgentState.Gone);
                _agents.Remove(agent);
                Schedule();
            }

            Log.WriteVerbose("is gone", agent.Connection.ProcessId);
            agent.Left.TrySetResult();
        }
    }
}
