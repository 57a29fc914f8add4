using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>Every limit of a pool, with its default. Checked as a whole when a pool is made.</summary>
public sealed record PoolOptions
{
    /// <summary>The most processes at any instant, starting and stopping ones included: 1 to 1,000. Default 5.</summary>
    public int MaxSize { get; init; } = 5;

    /// <summary>The warm processes to keep, idle and lent together: 0 to <see cref="MaxSize"/>. Default 1, or <see cref="MaxSize"/> if that is less.</summary>
    public int MinSize { get; init; } = 1;

    /// <summary>The most processes that start at the same time: 1 to 1,000. Default 2.</summary>
    public int MaxStarting { get; init; } = 2;

    /// <summary>Prompts after which a process is replaced, ± <see cref="Jitter"/>; 0 for never. Default 100.</summary>
    public int MaxUses { get; init; } = 100;

    /// <summary>Age at which an idle process is replaced, ± <see cref="Jitter"/>; zero for never. Default 6 h.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Resident memory of a process's whole tree, in bytes, at which it is replaced once it is idle; 0 for never. A limit
    /// below what a fresh process needs would replace it for ever, so only processes that have served are. Default 0.
    /// </summary>
    public long MaxMemoryBytes { get; init; }

    /// <summary>The random part of <see cref="MaxUses"/> and <see cref="MaxAge"/>, so that not all are replaced at once: 0 to 0.5. Default 0.1.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>Idle time after which processes over <see cref="MinSize"/> are ended; zero for never. Default 300 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often idle processes are looked through. Default 30 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit for the process to start and answer <c>initialize</c>. Default 30 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit for making a session, which waits for the agent's MCP servers. Default 90 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a cancelled turn may take to end before its process is ended. Default 10 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest silence of an agent during a turn; zero for no limit. Default 600 s.</summary>
    public TimeSpan InactivityTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>From closing a process's stdin to SIGTERM. Default 2 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From SIGTERM to SIGKILL. Default 2 s.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// From closing stdin to SIGTERM for a process that holds a conversation: killed earlier, it could leave the conversation
    /// locked. Default 12 s.
    /// </summary>
    public TimeSpan ConversationStopGrace { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>
    /// Conversations (named or interactive sessions) that may live on one process: 1 to 100. More save memory; a process
    /// that ends takes the running turns of all of them with it. Default 1.
    /// </summary>
    public int SessionsPerProcess { get; init; } = 1;

    /// <summary>Failed starts in a row after which callers get the reason at once. Default 3.</summary>
    public int BreakerThreshold { get; init; } = 3;

    /// <summary>Time from there to the next try; doubles with each further failure up to <see cref="BreakerMaxDelay"/>. Default 1 s.</summary>
    public TimeSpan BreakerDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between tries. Default 60 s.</summary>
    public TimeSpan BreakerMaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long all prompts pause when an agent is throttled; doubles while that goes on, up to <see cref="CoolDownMaxDelay"/>. Default 5 s.</summary>
    public TimeSpan CoolDownDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such pause. Default 120 s.</summary>
    public TimeSpan CoolDownMaxDelay { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Whether the next session is made while a turn runs, so that back-to-back prompts do not wait for it. Off, it is
    /// made between turns. Default on.
    /// </summary>
    public bool PrepareSessionDuringTurn { get; init; } = true;

    /// <summary>What a connection to one agent needs of them.</summary>
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
        Check(nameof(MaxUses), MaxUses, MaxUses >= 0, "must be 0 (never) or more");
        Check(nameof(MaxMemoryBytes), MaxMemoryBytes, MaxMemoryBytes >= 0, "must be 0 (no limit) or more");
        Check(nameof(Jitter), Jitter, Jitter is >= 0 and <= 0.5, "must be 0 to 0.5");
        Check(nameof(SessionsPerProcess), SessionsPerProcess, SessionsPerProcess is >= 1 and <= 100, "must be 1 to 100");
        Check(nameof(BreakerThreshold), BreakerThreshold, BreakerThreshold >= 1, "must be 1 or more");
        Check(nameof(BreakerMaxDelay), BreakerMaxDelay, BreakerMaxDelay >= BreakerDelay || BreakerMaxDelay <= TimeSpan.Zero, $"must be at least BreakerDelay, which is {BreakerDelay}");
        Check(nameof(CoolDownMaxDelay), CoolDownMaxDelay, CoolDownMaxDelay >= CoolDownDelay || CoolDownMaxDelay <= TimeSpan.Zero, $"must be at least CoolDownDelay, which is {CoolDownDelay}");
        foreach ((string name, TimeSpan value) in ZeroIsNone())
            Check(name, value, value >= TimeSpan.Zero && value <= Longest, $"must be 0 (none) to {Longest.Days} days");
        foreach ((string name, TimeSpan value) in AboveZero())
            Check(name, value, value > TimeSpan.Zero && value <= Longest, $"must be more than 0 and at most {Longest.Days} days");
    }

    // The framework's timers take at most 2^32 - 2 ms.
    private static TimeSpan Longest => TimeSpan.FromDays(49);

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

    private static void Check(string name, object value, bool holds, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} {range}, but is {value}.");
    }
}
