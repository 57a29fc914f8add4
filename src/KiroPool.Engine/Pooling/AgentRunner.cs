using System.Diagnostics;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>Starts and ends the processes of the slots, and reports to the state how that went and which of them died.</summary>
internal sealed class AgentRunner(PoolLock pool, IAgentConnector connector, CoolDown coolDown, PoolLog log, PoolCounters counters, TimeProvider time)
{
    private volatile bool _endsAtOnce;

    /// <summary>From now on processes are killed without a grace.</summary>
    public void EndAtOnce() => _endsAtOnce = true;

    /// <summary>Starts the process of a slot.</summary>
    public void Start(PooledAgent agent)
    {
        log.WriteVerbose($"an agent is being started: {agent.Spec}");
        ActivityContext cause = Activity.Current is { } span && ReferenceEquals(span.Source, PoolTraces.Source) ? span.Context : default;
        OwnWork.Run(() => StartAsync(agent, cause));
    }

    /// <summary>Ends the process of a slot. The slot is free when no process of its tree is left.</summary>
    public void End(PooledAgent agent, EndReason reason)
    {
        counters.ProcessStopped(reason);
        log.WriteVerbose($"is being ended ({reason})", agent.Life.ProcessId);
        OwnWork.Run(() => Task.Run(() => EndAsync(agent)));
    }

    /// <param name="agent">The agent to start.</param>
    /// <param name="cause">The wait that needs it; empty if none does.</param>
    private async Task StartAsync(PooledAgent agent, ActivityContext cause)
    {
        AgentException? failure = await OpenAsync(agent, cause).ConfigureAwait(false);
        if (failure?.Kind == FailureKind.RateLimited)
            coolDown.Throttled();
        if (failure is not null)
        {
            pool.Update(state => state.StartFailed(agent, failure));
            return;
        }

        pool.Update(state => state.Started(agent));
        await agent.Life.Connection!.Closed.ConfigureAwait(false);
        pool.Update(state => state.Died(agent));
    }

    private async Task<AgentException?> OpenAsync(PooledAgent agent, ActivityContext cause)
    {
        Activity? span = PoolTraces.Start("start", ActivityKind.Internal, cause);
        long startedAt = time.GetTimestamp();
        AgentException? failure = await agent.Life.OpenAsync(
            () =>
            {
                IAgentConnection connection = connector.Create(agent.Spec, agent.Host.Host);
                agent.Vitals = connection;
                return connection;
            },
            time.GetLocalNow()).ConfigureAwait(false);
        span?.SetTag("process.executable.name", Path.GetFileName(agent.Spec.Executable));
        span?.SetTag("process.pid", agent.Life.ProcessId);
        if (failure is not null)
            span?.Failed(failure.Kind.ToString(), failure.Message);
        span?.End();
        if (agent.Life.ProcessId is not null)
            counters.ProcessCreated();
        if (failure is null)
            log.WriteVerbose($"is warm after {time.GetElapsedTime(startedAt).TotalMilliseconds:N0} ms", agent.Life.ProcessId);
        else
            log.WriteVerbose($"an agent did not start: {failure.Message}", agent.Life.ProcessId);
        return failure;
    }

    private async Task EndAsync(PooledAgent agent)
    {
        try
        {
            await agent.Life.EndAsync(() => _endsAtOnce).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.WriteVerbose($"could not be ended cleanly: {e.Message}", agent.Life.ProcessId);
        }
        finally
        {
            log.WriteVerbose("is gone", agent.Life.ProcessId);
            pool.Update(state => state.Gone(agent));
            agent.Life.Leave();
        }
    }
}
