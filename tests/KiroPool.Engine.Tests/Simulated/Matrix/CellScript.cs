using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>One prompt of a cell.</summary>
/// <param name="Text">The sent text.</param>
/// <param name="Answer">The expected answer.</param>
/// <param name="MeetsFault">Whether the fault is tied to it.</param>
/// <param name="IsCancelled">Whether the test cancels it.</param>
/// <param name="Timeout">Its own limit; zero for none.</param>
/// <param name="RetryCount">The allowed number of retries.</param>
internal sealed record CellPrompt(string Text, string Answer, bool MeetsFault, bool IsCancelled, TimeSpan Timeout, int RetryCount);

/// <summary>The plan of a cell, made from its seed: settings of the agent, limits of the pool, prompts.</summary>
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
            engine = cell.Engine,
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
            // Long enough also for an agent without fault on a late machine.
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

    /// <summary>The fault: for the prompts it is tied to, or for some occurrences of the stage, counted over all processes.</summary>
    public Fault Fault { get; }

    public object Settings { get; }

    public PoolOptions Options { get; }

    public string? Model { get; }

    /// <summary>The largest number of faults.</summary>
    public int FaultCount { get; }

    /// <summary>Whether the agent is a wrapper with a child that only SIGKILL ends, and a grandchild in its own session.</summary>
    public bool IsStubborn { get; }

    public IReadOnlyList<CellPrompt> Prompts { get; }

    /// <summary>The number of prompts that are sent at once. The others follow together after them.</summary>
    public int TogetherFirst { get; }

    /// <summary>A prompt that meets no fault.</summary>
    public static CellPrompt CleanPrompt(int number) => Plain($"[clean {number}]", $"[clean {number}]");

    private static CellPrompt MakePrompt(Cell cell, int index, bool isFaulty, bool mayTimeOut, Random random)
    {
        // Without the letter x, which the simulator uses as a filler.
        string text = $"[{cell.Seed}/{index}]{(isFaulty ? " " + Mark : "")}";
        string answer = text;
        bool isCancelled = cell.Stage == "cancel" && isFaulty;
        if (isCancelled)
            text = answer = $"[[sleep 30000]] [[chunks 900]] {new string('.', 900)} {text}";
        else if (cell.Stage == "permission")
            (text, answer) = ($"[[permission edit]] {text}", $"[[permission edit]] {text}\nPermission: reject_once");

        // The limit may pass before an agent gets the prompt, but at least one must meet the fault.
        TimeSpan timeout = mayTimeOut && cell is { Fault: "hang", IsInTurn: true } && isFaulty && !isCancelled && random.Next(2) == 0 ? TimeSpan.FromMilliseconds(random.Next(200, 900)) : TimeSpan.Zero;
        return Plain(text, answer) with { MeetsFault = isFaulty, IsCancelled = isCancelled, Timeout = timeout, RetryCount = random.Next(4) == 0 ? 1 : 0 };
    }

    private static CellPrompt Plain(string text, string answer) => new(text, "You said: " + answer, false, false, TimeSpan.Zero, 0);
}
