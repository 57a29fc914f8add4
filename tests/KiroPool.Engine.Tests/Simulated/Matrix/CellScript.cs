using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>One prompt of a cell.</summary>
/// <param name="Text">What is sent.</param>
/// <param name="Answer">What comes back when it is answered.</param>
/// <param name="MeetsFault">Whether the fault is tied to it.</param>
/// <param name="IsCancelled">Whether the test cancels it.</param>
/// <param name="Timeout">Its own limit; zero for none.</param>
/// <param name="RetryCount">How often it may be run again.</param>
internal sealed record CellPrompt(string Text, string Answer, bool MeetsFault, bool IsCancelled, TimeSpan Timeout, int RetryCount);

/// <summary>What the seed makes of a cell: the agent's settings, the pool's limits, the prompts.</summary>
internal sealed class CellScript
{
    /// <summary>Where the processes count together, in the agent's folder.</summary>
    public const string StateFile = "count";

    private const string Mark = "faulty";
    private static readonly TimeSpan NoLimit = TimeSpan.FromSeconds(30);

    public CellScript(Cell cell)
    {
        var random = new Random(cell.Seed);
        int faults = random.Next(1, 3);
        FaultCount = faults;
        Fault fault = new(cell.Stage, cell.Fault)
        {
            Ms = cell.Fault is "slow" ? 60 : cell.Fault is "late" ? random.Next(30) : null,
            Bytes = cell.Fault is "stderrFlood" or "hugeLine" ? 1 << 20 : cell.Fault is "split" ? random.Next(1, 40) : null,
        };
        Fault = cell.IsInTurn || (cell.Stage == "idle" && random.Next(2) == 0)
            ? fault with { Match = Mark }
            : fault with { Times = faults, After = cell.Stage is "session/new" or "close" or "idle" ? random.Next(3) : 0, EveryProcess = false, State = StateFile };
        IsStubborn = random.Next(8) == 0;
        Settings = new
        {
            turnMs = random.Next(20),
            chunks = random.Next(1, 6),
            faults = new[] { Fault },
            wrapper = IsStubborn,
            ignoreEof = IsStubborn,
            ignoreSigterm = IsStubborn,
            grandchild = IsStubborn ? "setsid" : "none",
        };

        bool hangs = cell.Fault == "hang";
        Options = new PoolOptions
        {
            MinSize = random.Next(2),
            MaxSize = cell.Size,
            MaxStarting = cell.Size,
            // Long enough for a start without fault on a busy machine; a stubborn agent starts three processes.
            StartTimeout = hangs && cell.Stage is "start" or "initialize" ? TimeSpan.FromSeconds(IsStubborn ? 5 : 2.5) : NoLimit,
            // Long enough, too, for an agent without fault that the machine has kept waiting.
            SessionTimeout = hangs && cell.Stage == "session/new" ? TimeSpan.FromMilliseconds(1500) : NoLimit,
            InactivityTimeout = hangs && cell.IsInTurn ? TimeSpan.FromMilliseconds(1500) : NoLimit,
            CancelGrace = TimeSpan.FromMilliseconds(300),
            StopGrace = TimeSpan.FromMilliseconds(200),
            KillGrace = TimeSpan.FromMilliseconds(200),
            CoolDownDelay = TimeSpan.FromMilliseconds(100),
        };
        Model = cell.Fault == "silentFallback" ? "claude-opus-4.5" : null;

        int count = random.Next(3, 7);
        HashSet<int> faulty = [.. Enumerable.Range(0, count).OrderBy(_ => random.Next()).Take(Math.Min(faults, count))];
        Prompts = [.. Enumerable.Range(0, count).Select(i => MakePrompt(cell, i, faulty.Contains(i), mayTimeOut: i != faulty.Max(), random))];
        TogetherFirst = random.Next(1, count + 1);
    }

    /// <summary>What goes wrong: with the prompts it is tied to, or with some of the stage's occurrences, counted over all processes.</summary>
    public Fault Fault { get; }

    public object Settings { get; }

    public PoolOptions Options { get; }

    public string? Model { get; }

    /// <summary>How often the fault strikes at most.</summary>
    public int FaultCount { get; }

    /// <summary>Whether the agent is a wrapper with a child that cannot be ended but by SIGKILL, and a grandchild in a session of its own.</summary>
    public bool IsStubborn { get; }

    public IReadOnlyList<CellPrompt> Prompts { get; }

    /// <summary>How many prompts are sent at once; the others follow together when those are through.</summary>
    public int TogetherFirst { get; }

    /// <summary>A prompt that meets no fault.</summary>
    public static CellPrompt CleanPrompt(int number) => Plain($"[clean {number}]", $"[clean {number}]");

    private static CellPrompt MakePrompt(Cell cell, int index, bool isFaulty, bool mayTimeOut, Random random)
    {
        // No letter of what the simulator fills up with, an x.
        string text = $"[{cell.Seed}/{index}]{(isFaulty ? " " + Mark : "")}";
        string answer = text;
        bool isCancelled = cell.Stage == "cancel" && isFaulty;
        if (isCancelled)
            text = answer = $"[[sleep 30000]] [[chunks 900]] {new string('.', 900)} {text}";
        else if (cell.Stage == "permission")
            (text, answer) = ($"[[permission edit]] {text}", $"[[permission edit]] {text}\nPermission: reject_once");

        // The limit may pass before an agent gets the prompt; one at least must meet the fault.
        TimeSpan timeout = mayTimeOut && cell is { Fault: "hang", IsInTurn: true } && isFaulty && !isCancelled && random.Next(2) == 0 ? TimeSpan.FromMilliseconds(random.Next(200, 900)) : TimeSpan.Zero;
        return Plain(text, answer) with { MeetsFault = isFaulty, IsCancelled = isCancelled, Timeout = timeout, RetryCount = random.Next(4) == 0 ? 1 : 0 };
    }

    private static CellPrompt Plain(string text, string answer) => new(text, "You said: " + answer, false, false, TimeSpan.Zero, 0);
}
