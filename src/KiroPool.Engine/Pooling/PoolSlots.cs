using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Pooling;

/// <summary>
/// The slots, waiters, hosts and breakers of a pool, and the moves on them. A move that needs an act is recorded as a
/// decision. The rules that choose the moves are <see cref="PoolScheduler"/>, <see cref="AgentTurns"/>,
/// <see cref="Recycling"/> and <see cref="Refusals"/>. Guarded by the pool's lock.
/// </summary>
/// <remarks>
/// A slot is taken from the decision to start a process until its last process is gone, so there are never more than
/// <see cref="PoolOptions.MaxSize"/> processes.
/// </remarks>
internal sealed class PoolSlots
{
    private readonly PoolOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly List<Decision> _decisions = [];

    public PoolSlots(PoolOptions options, AgentSpec defaultSpec, TimeProvider time, Random random)
    {
        (_options, DefaultSpec, _time, _random) = (options, defaultSpec, time, random);
        Breakers = new StartBreakers(options, time);
        Hosts = new PoolHosts(options, Agents, Breakers, time);
    }

    public AgentSpec DefaultSpec { get; set; }

    public AgentRoster Agents { get; } = new();

    public IdleAgents Idle { get; } = new();

    public WaitingLine Waiting { get; } = new();

    public StartBreakers Breakers { get; }

    public PoolHosts Hosts { get; }

    /// <summary>Whether a stop has begun.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Returns the decisions since the last call, in order.</summary>
    public Decision[] TakeDecisions()
    {
        if (_decisions.Count == 0)
            return [];
        Decision[] decisions = [.. _decisions];
        _decisions.Clear();
        return decisions;
    }

    public void Decide(Decision decision) => _decisions.Add(decision);

    /// <summary>Takes a slot for a new process.</summary>
    public void Start(AgentSpec spec, PoolHost host, PooledAgent? replaces = null)
    {
        var agent = new PooledAgent(spec, host, _time.GetTimestamp(), AgentLimits.Draw(_options, spec.ServesOnce, _random)) { Replaces = replaces };
        Agents.Add(agent);
        Decide(new Decision.Start(agent));
    }

    public void End(PooledAgent agent, EndReason reason)
    {
        Idle.Remove(agent);
        agent.MoveTo(PooledAgentState.Stopping);
        Decide(new Decision.End(agent, reason));
    }

    /// <summary>Ends an agent that is or will be replaced. Only one at a time is.</summary>
    public void EndReplaced(PooledAgent agent, EndReason reason)
    {
        agent.Replaced = reason;
        End(agent, reason);
    }

    public void Serve(Waiter waiter, PooledAgent agent, bool wasWarm, bool isTurn = false)
    {
        Waiting.Remove(waiter);
        Decide(new Decision.Serve(waiter, agent, wasWarm, isTurn));
    }

    public void Refuse(Waiter waiter, AgentException reason)
    {
        Waiting.Remove(waiter);
        Decide(new Decision.Refuse(waiter, reason));
    }

    public void Lease(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Leased);
        agent.LastUsed = _time.GetTimestamp();
    }

    public void MakeIdle(PooledAgent agent)
    {
        agent.MoveTo(PooledAgentState.Idle);
        Idle.Push(agent);
    }

    /// <summary>Takes an idle agent of a key on a usable host. Those that are found dead end.</summary>
    public bool TryTakeIdle(AgentSpec spec, Func<PoolHost, bool> usable, [NotNullWhen(true)] out PooledAgent? agent)
    {
        while (Idle.TryTake(spec, usable, out agent))
        {
            if (!agent.IsClosed)
                return true;
            End(agent, EndReason.Died);
        }

        return false;
    }
}
