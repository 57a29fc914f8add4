using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A <see cref="PoolState"/> on a fake clock, without processes. The test plays the events.</summary>
internal sealed class StateBench
{
    public StateBench(PoolOptions options, TimeProvider? clock = null) => State = new PoolState(options, PoolBench.Key("a"), clock ?? Clock, new Random(1));

    public FakeTimeProvider Clock { get; } = new();

    public PoolState State { get; }

    /// <summary>Starts an agent, which is idle then.</summary>
    public PooledAgent Warm(string key = "a", Vitals? vitals = null)
    {
        var waiter = new Waiter(PoolBench.Key(key), resident: null, queuedAt: 0);
        State.Enqueue(waiter);
        PooledAgent agent = Assert.IsType<Decision.Start>(Assert.Single(State.TakeDecisions())).Agent;
        agent.Vitals = vitals ?? new Vitals();
        State.Started(agent);
        State.Return(agent, resident: null, reusable: true);
        State.TakeDecisions();
        return agent;
    }

    /// <summary>Starts an agent and a conversation on it, in its first turn.</summary>
    public PooledAgent Settle(IResident resident, Vitals? vitals = null)
    {
        PooledAgent agent = Warm(vitals: vitals);
        Assert.Same(agent, State.TryRent(agent.Spec, resident, out _));
        State.MoveIn(agent, resident);
        State.TakeDecisions();
        return agent;
    }

    /// <summary>Asks for an agent of a key. Returns null if the request must wait; it does not.</summary>
    public PooledAgent? Rent(string key = "a", IResident? resident = null) => State.TryRent(PoolBench.Key(key), resident, out _);

    public sealed class Vitals : IAgentVitals
    {
        public bool IsClosed { get; set; }

        public bool IsSpoilt { get; set; }

        public bool IsSessionReady => true;

        public bool CanLoadSessions { get; init; }

        public int MostConversations { get; init; } = int.MaxValue;

        public bool HoldsConversations { get; set; }
    }

    public sealed record Resident(string Name) : IResident
    {
        public Task<bool> SettleAsync() => Task.FromResult(true);
    }
}
