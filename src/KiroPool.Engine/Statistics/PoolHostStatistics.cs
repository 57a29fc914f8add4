namespace KiroPool;

/// <summary>One host of a pool, at one moment.</summary>
public sealed class PoolHostStatistics
{
    /// <summary>The name; <c>localhost</c> for this machine.</summary>
    public required string HostName { get; init; }

    /// <summary>Up, Braked (no agent can be started there now) or Lost (the link broke, and was not restored yet).</summary>
    public required string State { get; init; }

    /// <summary>The largest number of processes there.</summary>
    public int MaxSize { get; init; }

    /// <summary>The slots that are taken there, by starting and stopping processes too.</summary>
    public int ProcessCount { get; init; }

    /// <summary>Processes that run a prompt there.</summary>
    public int ActiveCount { get; init; }

    /// <summary>Prompts answered there.</summary>
    public long Completed { get; init; }

    /// <summary>Prompts that failed there.</summary>
    public long Failed { get; init; }

    /// <summary>Prompts whose agent there died, or whose link broke, before it answered.</summary>
    public long Indeterminate { get; init; }

    /// <summary>The latest time from a beat of the link to its echo; null for this machine and before the first one.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why the host could not be used last; null while it is up.</summary>
    public string? LastFailure { get; init; }

    /// <summary>The name and the state.</summary>
    public override string ToString() => $"{HostName} {State}";
}
