using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// Plays a <see cref="PoolState"/> at random on a fake clock, without processes and tasks: it does what was decided at a
/// time of its own choice, and after every step it checks what must always hold.
/// </summary>
internal sealed class StateRun
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PoolOptions _options;
    private readonly AgentSpec[] _keys;
    private readonly Random _random;
    private readonly PoolState _state;
    private readonly List<PooledAgent> _starting = [];
    private readonly List<PooledAgent> _ending = [];

    // Died, and the pool was not notified yet.
    private readonly List<PooledAgent> _dying = [];
    private readonly List<(PooledAgent Agent, IResident? Resident)> _leases = [];
    private readonly List<Waiter> _waiting = [];
    private readonly Dictionary<string, (PooledAgent Agent, Talk Talk)> _homes = [];
    private long _now;

    public StateRun(int seed)
    {
        _random = new Random(seed);
        _keys = [.. "abc".Select(name => PoolBench.Key($"{name}"))];
        int size = _random.Next(1, 6);
        _options = new PoolOptions
        {
            MaxSize = size,
            MinSize = _random.Next(0, Math.Min(size, 2) + 1),
            MaxStarting = _random.Next(1, 4),
            MaxUses = _random.Next(0, 6),
            SessionsPerProcess = _random.Next(1, 3),
            IdleTimeout = TimeSpan.FromSeconds(60),
        };
        _state = new PoolState(_options, _keys[0], _clock, _random);
    }

    public int Served { get; private set; }

    public int Refused { get; private set; }

    public Dictionary<EndReason, int> Ended { get; } = [];

    public void Step()
    {
        _now++;
        Move(_random.Next(14));
        CarryOut();
        Check();
    }

    /// <summary>Lets everything go on until no waiter is left; a state that has lost a waiter or a slot never gets there.</summary>
    public void Finish()
    {
        foreach (string name in _homes.Keys.ToArray())
            Leave(name);
        for (int round = 0; _waiting.Count > 0 || _leases.Count > 0; round++)
        {
            Assert.True(round < 10_000, $"{_waiting.Count} waiters are never served; the agents are {string.Join(", ", _state.Agents.Select(a => $"{a.State} with {a.Residents.Count}"))}");
            foreach (PooledAgent agent in Drain(_starting))
                _state.Started(Warm(agent));
            foreach (PooledAgent agent in Drain(_dying))
                _state.Died(agent);
            foreach (PooledAgent agent in Drain(_ending))
                _state.Gone(agent);
            foreach ((PooledAgent agent, IResident? resident) in Drain(_leases))
            {
                _state.Return(agent, resident, reusable: true);
                if (resident is Talk talk)
                    _state.MoveOut(agent, talk);
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
            _state.Sweep([]);
            CarryOut();
        }
    }

    private void Move(int kind)
    {
        switch (kind)
        {
            case 0 or 1 or 2 when _waiting.Count < 12:
                Ask(resident: null);
                break;
            case 3 when _waiting.Count < 12 && _homes.Count < 4:
                Ask(new Talk($"{_now}", _random.Next(2) == 0));
                break;
            case 4 or 5 or 6 when _leases.Count > 0:
                (PooledAgent agent, IResident? resident) = Take(_leases);
                if (_random.Next(8) > 0)
                    _state.CountUse(agent);
                _state.Return(agent, resident, reusable: _random.Next(10) > 0);
                break;
            case 7 or 8 when _starting.Count > 0:
                if (_random.Next(6) == 0)
                    _state.StartFailed(Take(_starting), new AgentException(_random.Next(3) == 0 ? FailureKind.AgentStartTimedOut : FailureKind.AgentStartFailed, "It did not start."));
                else
                    _state.Started(Warm(Take(_starting)));
                break;
            case 9 when _ending.Count > 0:
                _state.Gone(Take(_ending));
                break;
            case 10 when _waiting.Count > 0:
                Waiter quitter = Take(_waiting);
                Assert.True(_state.Cancel(quitter));
                break;
            case 11 when _state.Agents.Count > 0:
                PooledAgent victim = _state.Agents.ElementAt(_random.Next(_state.Agents.Count));
                if (victim.Vitals is Vitals vitals && _random.Next(4) == 0)
                {
                    vitals.IsClosed = true;
                    _dying.Add(victim);
                }
                else if (_dying.Count > 0)
                {
                    _state.Died(Take(_dying));
                }

                break;
            case 12 when _homes.Count > 0:
                UseHome(_homes.Keys.ElementAt(_random.Next(_homes.Count)));
                break;
            case 13:
                _clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 20)));
                _state.Sweep([.. _state.Idle.All().Where(_ => _random.Next(10) == 0)]);
                break;
        }
    }

    private void Ask(Talk? resident)
    {
        AgentSpec spec = _keys[_random.Next(_keys.Length)];
        if (_state.TryRent(spec, resident, out bool isTurn) is { } agent)
        {
            Assert.Equal(spec, agent.Spec);
            Lease(agent, resident, isTurn);
            return;
        }

        var waiter = new Waiter(spec, resident, _clock.GetTimestamp());
        _waiting.Add(waiter);
        _state.Enqueue(waiter);
    }

    private void Lease(PooledAgent agent, IResident? resident, bool isTurn)
    {
        Served++;
        Assert.False(agent.State is PooledAgentState.Starting or PooledAgentState.Stopping or PooledAgentState.Gone, $"an agent that is {agent.State} was leased");
        Assert.True(isTurn || _leases.TrueForAll(lease => lease.Agent != agent), "an agent was leased twice");
        if (resident is Talk talk)
        {
            if (!isTurn)
                _state.MoveIn(agent, talk);
            _homes[talk.Name.Length == 0 ? $"temporary {Served}" : talk.Name] = (agent, talk);
        }

        _leases.Add((agent, resident));
    }

    private void UseHome(string name)
    {
        (PooledAgent agent, Talk talk) = _homes[name];
        if (_random.Next(3) == 0)
            Leave(name);
        else if (!_leases.Contains((agent, talk)) && _state.TryBeginTurn(agent, talk))
            _leases.Add((agent, talk));
    }

    private void Leave(string name)
    {
        (PooledAgent agent, Talk talk) = _homes[name];
        _homes.Remove(name);
        _state.MoveOut(agent, talk);
    }

    private void CarryOut()
    {
        while (_state.TakeDecisions() is { Length: > 0 } decisions)
        {
            foreach (Decision decision in decisions)
                CarryOut(decision);
        }
    }

    private void CarryOut(Decision decision)
    {
        switch (decision)
        {
            case Decision.Start(var agent):
                _starting.Add(agent);
                break;
            case Decision.End(var agent, var reason):
                Ended[reason] = Ended.GetValueOrDefault(reason) + 1;
                _starting.Remove(agent);
                _ending.Add(agent);
                break;
            case Decision.Serve(var waiter, var agent, _, var isTurn):
                Assert.True(_waiting.Remove(waiter), "a waiter was served that does not wait");
                Assert.Equal(waiter.Spec, agent.Spec);
                Assert.DoesNotContain(_waiting, other => other.Spec.Equals(waiter.Spec) && other.Number < waiter.Number && (other.Resident is null) == (waiter.Resident is null));
                Lease(agent, waiter.Resident, isTurn);
                break;
            case Decision.Refuse(var waiter, var reason):
                Assert.True(_waiting.Remove(waiter), "a waiter was refused that does not wait");
                Assert.NotEmpty(reason.Message);
                Refused++;
                break;
        }
    }

    private void Check()
    {
        Assert.InRange(_state.Agents.Count, 0, _options.MaxSize);
        Assert.InRange(_starting.Count, 0, _options.MaxStarting);
        Assert.Equal(_waiting.Count, _state.Waiting.Count);
        Assert.Equal(_state.Agents.CountIn(PooledAgentState.Idle), _state.Idle.Count);
        foreach (PooledAgent agent in _state.Agents)
        {
            Assert.InRange(agent.Residents.Count, 0, Math.Max(1, _options.SessionsPerProcess));
            Assert.False(agent is { State: PooledAgentState.Idle, IsUsedUp: true }, "an agent that has served its share is idle");
            if (agent.State is PooledAgentState.Idle or PooledAgentState.Held)
                Assert.Equal(agent.Residents.Count > 0 && agent.CanLoadSessions, agent.Vitals!.HoldsConversations);
        }

        // A waiter whose key has an idle agent waits only for the sake of one that was passed over too often.
        Waiter[] ready = [.. _waiting.Where(waiter => _state.Idle.Has(waiter.Spec))];
        Assert.True(ready.Length == 0 || _waiting.Exists(waiter => waiter.PassedOver >= _options.MaxSize), "an agent is idle and its waiter waits");
    }

    private PooledAgent Warm(PooledAgent agent)
    {
        agent.Vitals = new Vitals { CanLoadSessions = _random.Next(2) == 0 };
        return agent;
    }

    private T Take<T>(List<T> list)
    {
        T item = list[_random.Next(list.Count)];
        list.Remove(item);
        return item;
    }

    private static T[] Drain<T>(List<T> list)
    {
        T[] items = [.. list];
        list.Clear();
        return items;
    }

    private sealed class Vitals : IAgentVitals
    {
        public bool IsClosed { get; set; }

        public bool IsSessionReady => true;

        public bool CanLoadSessions { get; init; }

        public bool HoldsConversations { get; set; }
    }

    private sealed class Talk(string name, bool isNamed) : IResident
    {
        public string Name { get; } = isNamed ? name : "";

        public Task<bool> SettleAsync() => Task.FromResult(true);
    }
}
