using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Statistics;

/// <summary>The counters of a pool. They have their own lock, because prompts end outside the pool's lock.</summary>
internal sealed class PoolCounters
{
    private readonly object _gate = new();
    private readonly long[] _outcomes = new long[Enum.GetValues<PromptOutcome>().Length];
    private readonly LatencyWindow _waits = new();
    private readonly LatencyWindow _turns = new();
    private readonly Dictionary<string, long[]> _byHost = [];
    private long _created;
    private long _reused;
    private readonly long[] _ended = new long[Enum.GetValues<EndReason>().Length];
    private long _hits;
    private long _misses;

    public void ProcessCreated()
    {
        lock (_gate)
            _created++;
        PoolMetrics.ProcessEvent("created");
    }

    public void ProcessStopped(EndReason reason)
    {
        lock (_gate)
            _ended[(int)reason]++;
        PoolMetrics.ProcessEvent(reason.ToString());
    }

    public void AgentUsed(bool wasWarm, bool usedBefore)
    {
        lock (_gate)
        {
            _hits += wasWarm ? 1 : 0;
            _misses += wasWarm ? 0 : 1;
            _reused += usedBefore ? 1 : 0;
        }
    }

    public void PromptEnded(PromptOutcome outcome, TimeSpan wait, TimeSpan? turn, string? hostName = null)
    {
        lock (_gate)
        {
            _outcomes[(int)outcome]++;
            if (hostName is not null)
            {
                if (!_byHost.TryGetValue(hostName, out long[]? ofHost))
                    _byHost.Add(hostName, ofHost = new long[_outcomes.Length]);
                ofHost[(int)outcome]++;
            }

            _waits.Add(wait);
            if (outcome == PromptOutcome.Completed && turn is { } time)
                _turns.Add(time);
        }

        PoolMetrics.PromptEnded(Enum.GetName(outcome)!, wait, turn);
    }

    /// <summary>How many prompts ended so on a host.</summary>
    public long OnHost(string name, PromptOutcome outcome)
    {
        lock (_gate)
            return _byHost.TryGetValue(name, out long[]? ofHost) ? ofHost[(int)outcome] : 0;
    }

    /// <summary>Combines the counters with the present state.</summary>
    public PoolStatistics Read(IReadOnlyList<PoolProcess> processes, IReadOnlyList<PoolHostStatistics> hosts, int waiting, Spending spent, AccountUsage? usage, PoolBrakes brakes)
    {
        lock (_gate)
        {
            TimeSpan?[] wait = _waits.Percentiles(0.5, 0.95, 0.99);
            TimeSpan?[] turn = _turns.Percentiles(0.5, 0.95, 0.99);
            return new PoolStatistics
            {
                ProcessesCreated = _created,
                ProcessesReused = _reused,
                ProcessesRecycled = _ended[(int)EndReason.Uses] + _ended[(int)EndReason.Age] + _ended[(int)EndReason.Memory],
                EndedBy = Enum.GetValues<EndReason>().Where(reason => _ended[(int)reason] > 0).ToDictionary(reason => reason.ToString(), reason => _ended[(int)reason]),
                CacheHits = _hits,
                CacheMisses = _misses,
                IdleCount = processes.Count(p => p.State == "Idle"),
                ActiveCount = processes.Count(p => p.State == "Active"),
                HeldCount = processes.Count(p => p.State == "Held"),
                StartingCount = processes.Count(p => p.State == "Starting"),
                StoppingCount = processes.Count(p => p.State == "Stopping"),
                WaitingCount = waiting,
                Completed = _outcomes[(int)PromptOutcome.Completed],
                Failed = _outcomes[(int)PromptOutcome.Failed],
                Cancelled = _outcomes[(int)PromptOutcome.Cancelled],
                TimedOut = _outcomes[(int)PromptOutcome.TimedOut],
                Indeterminate = _outcomes[(int)PromptOutcome.Indeterminate],
                Spending = spent,
                Usage = usage,
                ThrottledCount = brakes.ThrottledCount,
                CoolDownUntil = brakes.CoolDownUntil,
                StartsPausedUntil = brakes.StartsPausedUntil,
                LastStartFailure = brakes.LastStartFailure,
                GuardianRestarts = ProcessGuardian.Shared.Restarts,
                WaitP50 = wait[0],
                WaitP95 = wait[1],
                WaitP99 = wait[2],
                TurnP50 = turn[0],
                TurnP95 = turn[1],
                TurnP99 = turn[2],
                Processes = processes,
                Hosts = hosts,
            };
        }
    }
}

/// <summary>The present pauses of prompts and starts.</summary>
internal readonly record struct PoolBrakes(long ThrottledCount, DateTimeOffset? CoolDownUntil, DateTimeOffset? StartsPausedUntil, string? LastStartFailure);
