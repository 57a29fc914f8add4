namespace KiroPool;

/// <summary>The counters and the present state of a pool, at one moment.</summary>
public sealed class PoolStatistics
{
    /// <summary>Started agent processes, including those that did not become ready.</summary>
    public long ProcessesCreated { get; init; }

    /// <summary>Prompts served by a process that had served one before.</summary>
    public long ProcessesReused { get; init; }

    /// <summary>Processes replaced because they reached a limit: uses, age or memory.</summary>
    public long ProcessesRecycled { get; init; }

    /// <summary>Processes ended, by reason: Uses, Age, Memory (recycled), Idle, Evicted, Died, StartFailed, NotSettled, Suspended (made room while its conversations rested), PoolStopped.</summary>
    public IReadOnlyDictionary<string, long> EndedBy { get; init; } = new Dictionary<string, long>();

    /// <summary>Prompts served by an agent that was already warm, or that another prompt returned.</summary>
    public long CacheHits { get; init; }

    /// <summary>Prompts that waited for a process to start.</summary>
    public long CacheMisses { get; init; }

    /// <summary>The share of hits in hits and misses, in percent; 0 before the first prompt.</summary>
    public double HitRate => CacheHits + CacheMisses == 0 ? 0 : 100.0 * CacheHits / (CacheHits + CacheMisses);

    /// <summary>Idle warm processes.</summary>
    public int IdleCount { get; init; }

    /// <summary>Processes that run a prompt.</summary>
    public int ActiveCount { get; init; }

    /// <summary>Processes that are reserved for conversations between their turns.</summary>
    public int HeldCount { get; init; }

    /// <summary>Starting processes.</summary>
    public int StartingCount { get; init; }

    /// <summary>Stopping processes. They still count towards the size of the pool.</summary>
    public int StoppingCount { get; init; }

    /// <summary>Prompts that wait for an agent.</summary>
    public int WaitingCount { get; init; }

    /// <summary>Answered prompts.</summary>
    public long Completed { get; init; }

    /// <summary>Failed prompts.</summary>
    public long Failed { get; init; }

    /// <summary>Prompts that the caller cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>Prompts that exceeded a time limit.</summary>
    public long TimedOut { get; init; }

    /// <summary>Prompts whose agent died before it answered.</summary>
    public long Indeterminate { get; init; }

    /// <summary>The reported costs of the pool's prompts: credits, money by currency, and tokens.</summary>
    public Spending Spending { get; init; } = new();

    /// <summary>The use of the account's quota at the last time that it was read; null before, and for agents that do not report it.</summary>
    public AccountUsage? Usage { get; init; }

    /// <summary>The number of throttled prompts.</summary>
    public long ThrottledCount { get; init; }

    /// <summary>The end of the cool-down of all prompts; null without one.</summary>
    public DateTimeOffset? CoolDownUntil { get; init; }

    /// <summary>The end of the pause of starts after repeated failures; null without one.</summary>
    public DateTimeOffset? StartsPausedUntil { get; init; }

    /// <summary>The reason why the last start failed; null if it did not fail.</summary>
    public string? LastStartFailure { get; init; }

    /// <summary>
    /// How often this process had to restart its guardian, which ends the agents when their host is killed. More than 0
    /// means that something on the machine ends it.
    /// </summary>
    public long GuardianRestarts { get; init; }

    /// <summary>Median wait for an agent, over the last 1,024 prompts; null before the first.</summary>
    public TimeSpan? WaitP50 { get; init; }

    /// <summary>95th percentile of the wait.</summary>
    public TimeSpan? WaitP95 { get; init; }

    /// <summary>99th percentile of the wait.</summary>
    public TimeSpan? WaitP99 { get; init; }

    /// <summary>Median time from sending a prompt to its answer, over the last 1,024 answered prompts; null before the first.</summary>
    public TimeSpan? TurnP50 { get; init; }

    /// <summary>95th percentile of the turn.</summary>
    public TimeSpan? TurnP95 { get; init; }

    /// <summary>99th percentile of the turn.</summary>
    public TimeSpan? TurnP99 { get; init; }

    /// <summary>One entry per process, oldest first.</summary>
    public IReadOnlyList<PoolProcess> Processes { get; init; } = [];

    /// <summary>One entry per host, in the order of the pool's options.</summary>
    public IReadOnlyList<PoolHostStatistics> Hosts { get; init; } = [];

    /// <summary>The engine of kiro-cli that answers, V2 or V3, as the processes report it; null until then, and for other agents.</summary>
    public string? Engine => Processes.Select(process => process.Engine).FirstOrDefault(engine => engine is not null);

    /// <summary>The counters in one line.</summary>
    public override string ToString() =>
        $"{IdleCount} idle, {ActiveCount} active, {StartingCount} starting, {WaitingCount} waiting; {CacheHits} {(CacheHits == 1 ? "hit" : "hits")}, {CacheMisses} {(CacheMisses == 1 ? "miss" : "misses")} ({HitRate:0.#} %)";
}

/// <summary>One agent process of a pool.</summary>
public sealed class PoolProcess
{
    /// <summary>The process id on its host; null until the process has one.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The host it runs on; <c>localhost</c> for this machine.</summary>
    public required string HostName { get; init; }

    /// <summary>Starting, Idle, Active, Held (by a conversation between its turns) or Stopping.</summary>
    public required string State { get; init; }

    /// <summary>The agent (mode) it was started for; null for the program's default.</summary>
    public string? Agent { get; init; }

    /// <summary>The model it was started for; null for the program's default.</summary>
    public string? Model { get; init; }

    /// <summary>The engine of kiro-cli that answers, V2 or V3, as the process reported it; null until then, and for other agents.</summary>
    public string? Engine { get; init; }

    /// <summary>The directory it runs in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The time when its start began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time when it was last leased or returned.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>Prompts it has served.</summary>
    public int UseCount { get; init; }

    /// <summary>The prompt it runs now: the name of its input, else its beginning; null between prompts.</summary>
    public string? Prompt { get; init; }

    /// <summary>The index of that prompt in its batch; null between prompts.</summary>
    public int? PromptIndex { get; init; }

    /// <summary>The named session that lives on it, or several; null without one.</summary>
    public string? Session { get; init; }

    /// <summary>How long it has run its prompt; between prompts, the time since it was last used.</summary>
    public TimeSpan InState { get; init; }

    /// <summary>Resident memory in bytes; null if it is unknown.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The process and its state.</summary>
    public override string ToString() => $"{ProcessId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} {State}";
}
