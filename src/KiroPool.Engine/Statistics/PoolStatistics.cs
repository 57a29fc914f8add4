namespace KiroPool;

/// <summary>What a pool has done and has now, at one moment.</summary>
public sealed class PoolStatistics
{
    /// <summary>Agent processes started, those that failed to become ready included.</summary>
    public long ProcessesCreated { get; init; }

    /// <summary>Prompts served by a process that had served one before.</summary>
    public long ProcessesReused { get; init; }

    /// <summary>Processes replaced because they reached a limit: uses, age or memory.</summary>
    public long ProcessesRecycled { get; init; }

    /// <summary>Processes ended, by reason: Uses, Age, Memory (recycled), Idle, Evicted, Died, StartFailed, NotSettled, Suspended (its conversations made room), PoolStopped.</summary>
    public IReadOnlyDictionary<string, long> EndedBy { get; init; } = new Dictionary<string, long>();

    /// <summary>Prompts served by an agent that was warm when it was asked for, or was given back by another prompt.</summary>
    public long CacheHits { get; init; }

    /// <summary>Prompts that waited for a process to start.</summary>
    public long CacheMisses { get; init; }

    /// <summary>Hits among hits and misses, in percent; 0 before the first prompt.</summary>
    public double HitRate => CacheHits + CacheMisses == 0 ? 0 : 100.0 * CacheHits / (CacheHits + CacheMisses);

    /// <summary>Warm processes nobody uses.</summary>
    public int IdleCount { get; init; }

    /// <summary>Processes that work on a prompt.</summary>
    public int ActiveCount { get; init; }

    /// <summary>Processes on which conversations rest between their turns.</summary>
    public int HeldCount { get; init; }

    /// <summary>Processes that are getting ready.</summary>
    public int StartingCount { get; init; }

    /// <summary>Processes that are being ended; they still count towards the pool's size.</summary>
    public int StoppingCount { get; init; }

    /// <summary>Prompts that wait for an agent.</summary>
    public int WaitingCount { get; init; }

    /// <summary>Prompts the agent answered.</summary>
    public long Completed { get; init; }

    /// <summary>Prompts that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Prompts the caller cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>Prompts that ran into a time limit.</summary>
    public long TimedOut { get; init; }

    /// <summary>Prompts whose agent died before it answered.</summary>
    public long Indeterminate { get; init; }

    /// <summary>How often an agent was throttled.</summary>
    public long ThrottledCount { get; init; }

    /// <summary>Until when all prompts pause because of that; null when they do not.</summary>
    public DateTimeOffset? CoolDownUntil { get; init; }

    /// <summary>Until when no agent is started because starts kept failing; null when they are.</summary>
    public DateTimeOffset? StartsPausedUntil { get; init; }

    /// <summary>Why the last start failed; null when it did not.</summary>
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

    /// <summary>One row per process, oldest first.</summary>
    public IReadOnlyList<PoolProcess> Processes { get; init; } = [];

    /// <summary>The counters in one line.</summary>
    public override string ToString() =>
        $"{IdleCount} idle, {ActiveCount} active, {StartingCount} starting, {WaitingCount} waiting; {CacheHits} hits, {CacheMisses} misses ({HitRate:0.#} %)";
}

/// <summary>One agent process of a pool.</summary>
public sealed class PoolProcess
{
    /// <summary>The process id; null until it has one.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Starting, Idle, Active, Held (by a conversation between its turns) or Stopping.</summary>
    public required string State { get; init; }

    /// <summary>The agent (mode) it was started for; null for the program's default.</summary>
    public string? Agent { get; init; }

    /// <summary>The model it was started for; null for the program's default.</summary>
    public string? Model { get; init; }

    /// <summary>The directory it runs in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>When its start began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last lent or given back.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>Prompts it has served.</summary>
    public int UseCount { get; init; }

    /// <summary>Resident memory in bytes; null if it cannot be told.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The process and its state.</summary>
    public override string ToString() => $"{ProcessId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} {State}";
}
