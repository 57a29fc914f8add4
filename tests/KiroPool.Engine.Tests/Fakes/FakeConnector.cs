using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// Makes agents without processes, with a switch for everything that can go wrong, and counts those that are alive: from
/// the beginning of a start until the end of a stop, as the pool's limit counts them.
/// </summary>
internal sealed class FakeConnector : IAgentConnector
{
    private readonly object _lock = new();
    private readonly List<FakeConnection> _all = [];
    private readonly ConcurrentDictionary<AgentSpec, Func<AgentException?>> _startFailures = new();
    private readonly ConcurrentDictionary<string, FakeConnection> _owners = new();
    private int _loads;
    private int _alive;
    private int _starting;

    /// <summary>Holds agents in their start.</summary>
    public Gate Starts { get; } = new();

    /// <summary>Holds agents in their stop, so that they keep their places.</summary>
    public Gate Stops { get; } = new();

    /// <summary>Holds those who want a session.</summary>
    public Gate Sessions { get; } = new();

    /// <summary>Holds those who take up a conversation.</summary>
    public Gate Loads { get; } = new();

    /// <summary>What becomes of the next conversation that is taken up; null when it works.</summary>
    public AgentException? NextLoadFailure { get; set; }

    /// <summary>What was said in each conversation, by its id; it outlives the process.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<string>> Transcripts { get; } = new();

    /// <summary>Holds turns: prompts that were sent and are not answered.</summary>
    public Gate Turns { get; } = new();

    /// <summary>Told of every new agent before the pool has it, to set its switches.</summary>
    public Action<FakeConnection>? OnCreated { get; set; }

    /// <summary>Every prompt an agent has seen, as often as it was seen.</summary>
    public ConcurrentQueue<string> PromptsSeen { get; } = new();

    public IReadOnlyList<FakeConnection> All
    {
        get
        {
            lock (_lock)
                return [.. _all];
        }
    }

    /// <summary>Agents that are alive now.</summary>
    public int Alive => Volatile.Read(ref _alive);

    /// <summary>The most that were ever alive at one instant.</summary>
    public int MaxAlive { get; private set; }

    /// <summary>The most that were ever starting at one instant.</summary>
    public int MaxStarting { get; private set; }

    /// <summary>How many conversations were taken up.</summary>
    public int LoadCount => Volatile.Read(ref _loads);

    /// <summary>How many connections have begun to start.</summary>
    public int StartCount => All.Count(c => c.HasStarted);

    public IAgentConnection Create(AgentSpec spec)
    {
        lock (_lock)
        {
            var connection = new FakeConnection(this, spec, _all.Count + 1);
            _all.Add(connection);
            OnCreated?.Invoke(connection);
            return connection;
        }
    }

    /// <summary>Lets all later starts of a key fail, until <see cref="MendStarts"/>.</summary>
    public void BreakStarts(AgentSpec spec, FailureKind kind = FailureKind.AgentStartFailed, string message = "It ended with exit code 1.") =>
        _startFailures[spec] = () => new AgentException(kind, message);

    /// <summary>Lets the next starts of a key fail; null stands for one that works.</summary>
    public void ScriptStarts(AgentSpec spec, params FailureKind?[] kinds)
    {
        var script = new ConcurrentQueue<FailureKind?>(kinds);
        _startFailures[spec] = () => script.TryDequeue(out FailureKind? kind) && kind is { } known
            ? new AgentException(known, $"The start failed ({known}).")
            : null;
    }

    public void MendStarts(AgentSpec spec) => _startFailures.TryRemove(spec, out _);

    /// <summary>How many prompts each agent was given, in the order of the agents; agents without prompts are left out.</summary>
    public IReadOnlyList<int> PromptsPerAgent() => [.. All.Select(c => c.PromptCount).Where(count => count > 0)];

    public void OpenGates()
    {
        Starts.Open();
        Stops.Open();
        Sessions.Open();
        Loads.Open();
        Turns.Open();
    }

    internal AgentException? NextStartFailure(AgentSpec spec) => _startFailures.TryGetValue(spec, out Func<AgentException?>? next) ? next() : null;

    /// <summary>Says something in a conversation, as the process that has it.</summary>
    internal void Say(string id, string prompt, FakeConnection owner)
    {
        _owners[id] = owner;
        Transcripts.GetOrAdd(id, _ => new()).Enqueue(prompt);
    }

    /// <summary>As a real agent: what another process still has cannot be had, what nobody knows neither.</summary>
    internal void Load(string id, FakeConnection by)
    {
        if (!Transcripts.ContainsKey(id))
            throw new AgentException(FailureKind.SessionLost, $"Nobody knows the session {id}.");
        if (_owners.TryGetValue(id, out FakeConnection? owner) && owner != by && !owner.HasStopped)
            throw new AgentException(FailureKind.SessionLocked, $"Session is active in another process ({owner.ProcessId}).");
        _owners[id] = by;
        Interlocked.Increment(ref _loads);
    }

    internal void CountAlive(int change)
    {
        lock (_lock)
        {
            _alive += change;
            MaxAlive = Math.Max(MaxAlive, _alive);
        }
    }

    internal void CountStarting(int change)
    {
        lock (_lock)
        {
            _starting += change;
            MaxStarting = Math.Max(MaxStarting, _starting);
        }
    }
}
