using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes.Far;

namespace KiroPool.Engine.Pooling;

/// <summary>All limits of a pool, with their defaults. They are checked together when a pool is created.</summary>
public sealed record PoolOptions
{
    /// <summary>The largest number of processes on each host at any instant, including starting and stopping ones: 1 to 1,000. Default 5.</summary>
    public int MaxSize { get; init; } = 5;

    /// <summary>The number of warm processes to keep on each host, idle and leased together: 0 to <see cref="MaxSize"/>. Default 1, or <see cref="MaxSize"/> if that is less.</summary>
    public int MinSize { get; init; } = 1;

    /// <summary>The largest number of processes that start on one host at the same time: 1 to 1,000. Default 2.</summary>
    public int MaxStarting { get; init; } = 2;

    /// <summary>The hosts of the agents, each once. Default: this machine.</summary>
    public HostList Hosts { get; init; } = HostList.Local;

    /// <summary>
    /// The silence after which the link to a far host counts as lost: 2 to 600 s. The far side ends its agents after the same
    /// time, so a shorter one needs a steadier link. Default 15 s.
    /// </summary>
    public TimeSpan HostLostAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The limit for a connection to a far host; <see cref="StartTimeout"/> when null.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>The number of prompts after which a process is replaced, ± <see cref="Jitter"/>; 0 for never. Default 100.</summary>
    public int MaxUses { get; init; } = 100;

    /// <summary>The age at which an idle process is replaced, ± <see cref="Jitter"/>; zero for never. Default 6 h.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Resident memory in bytes of an idle process and its tree at which it is replaced; 0 for never. Only processes that
    /// have served are replaced, because a limit below the size of a new process would replace it for ever. Default 0.
    /// </summary>
    public long MaxMemoryBytes { get; init; }

    /// <summary>The random part of <see cref="MaxUses"/> and <see cref="MaxAge"/>, so that not all are replaced at once: 0 to 0.5. Default 0.1.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>Idle time after which processes over <see cref="MinSize"/> are ended; zero for never. Default 300 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The interval between checks of idle processes. Default 30 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limit for a process to start and answer <c>initialize</c>. Default 30 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limit for creating a session, including the start of MCP servers. Default 90 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The time a cancelled turn may take before its process is ended. Default 10 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest silence of an agent during a turn; zero for no limit. Default 600 s.</summary>
    public TimeSpan InactivityTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>The time from closing stdin to SIGTERM. Default 2 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time from SIGTERM to SIGKILL. Default 2 s.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The time from closing stdin to SIGTERM for a process with a conversation. Killed earlier, it could leave the
    /// conversation locked. Default 12 s.
    /// </summary>
    public TimeSpan ConversationStopGrace { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>
    /// The number of conversations (named or interactive sessions) that may share one process: 1 to 100. Sharing saves
    /// memory, but when the process dies, the running turns of all of them end. Default 1.
    /// </summary>
    public int SessionsPerProcess { get; init; } = 1;

    /// <summary>The most credits all prompts of the pool may cost together; null for no limit. Held to what agents report.</summary>
    public decimal? MaxCredits { get; init; }

    /// <summary>The same in money, in each currency an agent names.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>The same in tokens, of prompts and answers together.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>The number of failed starts in a row after which callers get the reason at once. Default 3.</summary>
    public int BreakerThreshold { get; init; } = 3;

    /// <summary>The time until the next try. It doubles with each further failure up to <see cref="BreakerMaxDelay"/>. Default 1 s.</summary>
    public TimeSpan BreakerDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between tries. Default 60 s.</summary>
    public TimeSpan BreakerMaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause of all prompts when an agent is throttled. It doubles with each further throttling up to <see cref="CoolDownMaxDelay"/>. Default 5 s.</summary>
    public TimeSpan CoolDownDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such pause. Default 120 s.</summary>
    public TimeSpan CoolDownMaxDelay { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Whether the next session is created during a turn, so that back-to-back prompts do not wait for it. Otherwise it is
    /// created between turns. Default on.
    /// </summary>
    public bool PrepareSessionDuringTurn { get; init; } = true;

    /// <summary>The largest number of processes on all hosts together.</summary>
    public int Capacity => Hosts.Sum(host => host.MaxSize ?? MaxSize);

    /// <summary>The part of the options that the link to a far host needs.</summary>
    internal LinkLimits LinkLimits => new(HostLostAfter, ConnectTimeout ?? StartTimeout);

    /// <summary>The part of the options that a connection needs.</summary>
    internal ConnectionLimits ConnectionLimits => new()
    {
        StartTimeout = StartTimeout,
        SessionTimeout = SessionTimeout,
        CancelGrace = CancelGrace,
        StopGraces = new StopGraces(StopGrace, KillGrace),
        ConversationStopGraces = new StopGraces(ConversationStopGrace, KillGrace),
        PrepareSessionDuringTurn = PrepareSessionDuringTurn,
    };

    /// <summary>Checks the values together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and its range.</exception>
    public void Validate()
    {
        Check(nameof(MaxSize), MaxSize, MaxSize is >= 1 and <= 1000, "must be 1 to 1000");
        Check(nameof(MinSize), MinSize, MinSize >= 0 && MinSize <= MaxSize, $"must be 0 to MaxSize, which is {MaxSize}");
        Check(nameof(MaxStarting), MaxStarting, MaxStarting is >= 1 and <= 1000, "must be 1 to 1000");
        foreach (AgentHost host in Hosts)
            Check(nameof(MaxSize), host.MaxSize ?? MaxSize, host.MaxSize is null or (>= 1 and <= 1000), $"of the host '{host.Name}' must be 1 to 1000");
        Check("HostLost", HostLostAfter, HostLostAfter.TotalSeconds is >= 2 and <= 600, "must be 2 to 600 s");
        Check("ConnectingTimeout", ConnectTimeout ?? StartTimeout, ConnectTimeout is null || (ConnectTimeout > TimeSpan.Zero && ConnectTimeout <= LimitTimer.Longest), $"must be more than 0 and at most {LimitTimer.Longest.Days} days");
        Check(nameof(MaxUses), MaxUses, MaxUses >= 0, "must be 0 (never) or more");
        Check(nameof(MaxMemoryBytes), MaxMemoryBytes, MaxMemoryBytes >= 0, "must be 0 (no limit) or more");
        Check(nameof(Jitter), Jitter, Jitter is >= 0 and <= 0.5, "must be 0 to 0.5");
        Check(nameof(SessionsPerProcess), SessionsPerProcess, SessionsPerProcess is >= 1 and <= 100, "must be 1 to 100");
        Check(nameof(MaxCredits), MaxCredits, MaxCredits is null or > 0, "must be more than 0");
        Check(nameof(MaxCost), MaxCost, MaxCost is null or > 0, "must be more than 0");
        Check(nameof(MaxTokens), MaxTokens, MaxTokens is null or > 0, "must be more than 0");
        Check(nameof(BreakerThreshold), BreakerThreshold, BreakerThreshold >= 1, "must be 1 or more");
        Check(nameof(BreakerMaxDelay), BreakerMaxDelay, BreakerMaxDelay >= BreakerDelay || BreakerMaxDelay <= TimeSpan.Zero, $"must be at least BreakerDelay, which is {BreakerDelay}");
        Check(nameof(CoolDownMaxDelay), CoolDownMaxDelay, CoolDownMaxDelay >= CoolDownDelay || CoolDownMaxDelay <= TimeSpan.Zero, $"must be at least CoolDownDelay, which is {CoolDownDelay}");
        foreach ((string name, TimeSpan value) in ZeroIsNone())
            Check(name, value, value >= TimeSpan.Zero && value <= LimitTimer.Longest, $"must be 0 (none) to {LimitTimer.Longest.Days} days");
        foreach ((string name, TimeSpan value) in AboveZero())
            Check(name, value, value > TimeSpan.Zero && value <= LimitTimer.Longest, $"must be more than 0 and at most {LimitTimer.Longest.Days} days");
    }

    /// <summary>Checks that the protocol of an agent supports the options.</summary>
    /// <exception cref="AgentException">NotSupported.</exception>
    public void ThrowIfNotSupported(AgentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.ThrowIfNotSupported();
        if (SessionsPerProcess > 1 && spec.Protocol != AgentProtocol.Acp)
            throw new AgentException(FailureKind.NotSupported, $"A {spec.Protocol} process has at most one conversation, so SessionsPerProcess must be 1, but is {SessionsPerProcess}. Omit -SessionsPerProcess, or use the protocol Acp.") { Value = SessionsPerProcess };
    }

    private (string Name, TimeSpan Value)[] ZeroIsNone() =>
    [
        (nameof(MaxAge), MaxAge), (nameof(IdleTimeout), IdleTimeout), (nameof(InactivityTimeout), InactivityTimeout),
        (nameof(StopGrace), StopGrace), (nameof(KillGrace), KillGrace), (nameof(ConversationStopGrace), ConversationStopGrace), (nameof(CancelGrace), CancelGrace),
    ];

    private (string Name, TimeSpan Value)[] AboveZero() =>
    [
        (nameof(SweepInterval), SweepInterval), (nameof(StartTimeout), StartTimeout), (nameof(SessionTimeout), SessionTimeout),
        (nameof(BreakerDelay), BreakerDelay), (nameof(BreakerMaxDelay), BreakerMaxDelay),
        (nameof(CoolDownDelay), CoolDownDelay), (nameof(CoolDownMaxDelay), CoolDownMaxDelay),
    ];

    private static void Check(string name, object? value, bool holds, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} {range}, but is {value}.");
    }
}
