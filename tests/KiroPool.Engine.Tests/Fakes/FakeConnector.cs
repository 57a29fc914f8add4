using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>
/// Creates agents without processes, with a switch for every fault, and counts the living ones: from the begin of a start
/// until the end of a stop, as the limit of the pool counts them.
/// </summary>
internal sealed class FakeConnector : IAgentConnector
{
    private readonly object _lock = new();
    private readonly List<FakeConnection> _all = [];
    private readonly ConcurrentDictionary<AgentSpec, Func<AgentException?>> _startFailures = new();
    private readonly ConcurrentDictionary<string, FakeConnection> _owners = new();
    private readonly ConcurrentDictionary<string, FailureKind> _hostFailures = new();
    private int _loads;
    private int _alive;
    private int _starting;

    /// <summary>Holds agents in their start.</summary>
    public Gate Starts { get; } = new();

    /// <summary>Holds agents in their stop, so that they keep their slots.</summary>
    public Gate Stops { get; } = new();

    /// <summary>Holds requests for a session.</summary>
    public Gate Sessions { get; } = new();

    /// <summary>Holds resumes of conversations.</summary>
    public Gate Loads { get; } = new();

    /// <summary>The failure of the next resume; null for success.</summary>
    public AgentException? NextLoadFailure { get; set; }

    /// <summary>For each resume, whether the pool expects earlier turns in it.</summary>
    public ConcurrentQueue<bool> LoadsWithHistory { get; } = new();

    /// <summary>Runs when an agent has made a session, before the pool gets it.</summary>
    public Action? OnSession { get; set; }

    /// <summary>The turns of each conversation by id. They outlive the process.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<string>> Transcripts { get; } = new();

    /// <summary>Holds turns: prompts that were sent and not answered.</summary>
    public Gate Turns { get; } = new();

    /// <summary>The reported cost of every completed turn.</summary>
    public TurnMeter Meter { get; set; } = TurnMeter.None;

    /// <summary>Receives every new agent before the pool does, to set its switches.</summary>
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

    /// <summary>The largest number of agents alive at one instant.</summary>
    public int MaxAlive { get; private set; }

    /// <summary>The largest number of agents starting at one instant.</summary>
    public int MaxStarting { get; private set; }

    /// <summary>The number of resumed conversations.</summary>
    public int LoadCount => Volatile.Read(ref _loads);

    /// <summary>The number of begun starts.</summary>
    public int StartCount => All.Count(c => c.HasStarted);

    public IAgentConnection Create(AgentSpec spec, AgentHost host)
    {
        lock (_lock)
        {
            var connection = new FakeConnection(this, spec, host, _all.Count + 1);
            _all.Add(connection);
            OnCreated?.Invoke(connection);
            return connection;
        }
    }

    /// <summary>Fails all later starts of a key, until <see cref="MendStarts"/>.</summary>
    public void BreakStarts(AgentSpec spec, FailureKind kind = FailureKind.AgentStartFailed, string message = "It ended with exit code 1.") =>
        _startFailures[spec] = () => new AgentException(kind, message);

    /// <summary>Sets the failures of the next starts of a key; null stands for success.</summary>
    public void ScriptStarts(AgentSpec spec, params FailureKind?[] kinds)
    {
        var script = new ConcurrentQueue<FailureKind?>(kinds);
        _startFailures[spec] = () => script.TryDequeue(out FailureKind? kind) && kind is { } known
            ? new AgentException(known, $"The start failed ({known}).")
            : null;
    }

    /// <summary>Fails all later starts on a host, until <see cref="MendHost"/>.</summary>
    public void BreakHost(string name, FailureKind kind) => _hostFailures[name] = kind;

    public void MendHost(string name) => _hostFailures.TryRemove(name, out _);

    public void MendStarts(AgentSpec spec) => _startFailures.TryRemove(spec, out _);

    /// <summary>The number of prompts per agent, in the order of the agents; agents without prompts are omitted.</summary>
    public IReadOnlyList<int> PromptsPerAgent() => [.. All.Select(c => c.PromptCount).Where(count => count > 0)];

    public void OpenGates()
    {
        Starts.Open();
        Stops.Open();
        Sessions.Open();
        Loads.Open();
        Turns.Open();
    }

    internal AgentException? NextStartFailure(AgentSpec spec, AgentHost host) =>
        _hostFailures.TryGetValue(host.Name, out FailureKind kind) ? new AgentException(kind, $"The start failed ({kind}) on {host.Name}.") { Value = host.Name }
        : _startFailures.TryGetValue(spec, out Func<AgentException?>? next) ? next() : null;

    /// <summary>Adds a turn to a conversation of its process.</summary>
    internal void Say(string id, string prompt, FakeConnection owner)
    {
        _owners[id] = owner;
        Transcripts.GetOrAdd(id, _ => new()).Enqueue(prompt);
    }

    /// <summary>Like a real agent, refuses a conversation that another process holds or that does not exist.</summary>
    internal void Load(string id, FakeConnection by)
    {
        if (!Transcripts.ContainsKey(id))
            throw new AgentException(FailureKind.SessionLost, $"The session {id} is unknown.");
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
