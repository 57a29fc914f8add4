namespace KiroPool.Simulator;

/// <summary>One thing that goes wrong at one point.</summary>
internal sealed class Fault
{
    public FaultPoint At { get; set; }

    public FaultKind Do { get; set; }

    /// <summary>How many occurrences of the point are skipped first. Default 0.</summary>
    public int After { get; set; }

    /// <summary>How often it happens; default without limit.</summary>
    public int? Times { get; set; }

    /// <summary>Whether each process counts for itself; else <see cref="State"/> counts for all. Default true.</summary>
    public bool EveryProcess { get; set; } = true;

    /// <summary>File that holds the count shared by all processes. Faults naming the same file share one count.</summary>
    public string? State { get; set; }

    /// <summary>
    /// Milliseconds. slow: what is added (default 1000). hang: when it goes on after all (default never).
    /// late: how long after the response (default 30). idle: how long after the turn (default 0).
    /// </summary>
    public int? Ms { get; set; }

    /// <summary>hugeLine: text bytes (default 1 MiB). stderrFlood: bytes (default 10 MiB). split: bytes per piece (default 1).</summary>
    public int? Bytes { get; set; }

    /// <summary>The error's data, the stderr line of a crash, the text of a late or early update, the method of a colliding request.</summary>
    public string? Text { get; set; }

    /// <summary>error: the JSON-RPC code (default -32603). crash, and error at start: the exit code (default 1).</summary>
    public int? Code { get; set; }

    /// <summary>error, on v3: the <c>errorType</c>. Without it and a code it is one of the server's.</summary>
    public string? ErrorType { get; set; }

    /// <summary>error, on v3: the <c>retryErrorType</c> (default CLIENT_ERROR).</summary>
    public string? RetryErrorType { get; set; }

    /// <summary>Only prompts containing this count. Default all.</summary>
    public string? Match { get; set; }

    /// <summary>A fault that would silently never show makes the test that asked for it worthless.</summary>
    /// <exception cref="SettingsException">The fault cannot happen at its point, or its numbers make no sense.</exception>
    public void Validate()
    {
        if (At == FaultPoint.Missing || Do == FaultKind.Missing)
            throw new SettingsException("a fault needs \"at\" and \"do\"");
        if (!IsPossible)
            throw new SettingsException($"fault \"{Do.Name()}\" cannot happen at \"{At.Name()}\"");
        if (!EveryProcess && string.IsNullOrEmpty(State))
            throw new SettingsException("a fault with \"everyProcess\": false needs \"state\", the file all processes count in");
        if (After < 0 || Times < 0 || Ms < 0 || Bytes < 1)
            throw new SettingsException($"fault \"{Do.Name()}\" at \"{At.Name()}\": after, times and ms must not be negative, bytes must be positive");
    }

    private bool IsPossible => Do switch
    {
        FaultKind.Crash or FaultKind.Exit0 or FaultKind.Garbage or FaultKind.BatchJunk
            or FaultKind.StderrFlood or FaultKind.HugeLine => true,
        FaultKind.Hang or FaultKind.Slow or FaultKind.Split or FaultKind.Error => At is not FaultPoint.Idle,
        FaultKind.Collide or FaultKind.StringId or FaultKind.RateLimit =>
            At is not (FaultPoint.Start or FaultPoint.Idle or FaultPoint.Cancel),
        FaultKind.Late => At is FaultPoint.Prompt or FaultPoint.Streaming or FaultPoint.Cancel,
        FaultKind.Early => At is FaultPoint.SessionNew,
        FaultKind.Refuse => At is FaultPoint.Prompt or FaultPoint.Streaming or FaultPoint.SessionLoad,
        FaultKind.SilentFallback =>
            At is FaultPoint.SessionNew or FaultPoint.SessionLoad or FaultPoint.SetMode or FaultPoint.SetModel,
        FaultKind.Ignore => At is FaultPoint.Cancel,
        _ => false,
    };
}

/// <summary>The points of an agent's life where a fault can be set.</summary>
internal enum FaultPoint
{
    Missing,
    Start,
    Initialize,
    SessionNew,
    SessionLoad,
    Prompt,
    Streaming,
    Permission,
    Cancel,
    Close,
    Idle,
    SetMode,
    SetModel,
}

internal enum FaultKind
{
    Missing,

    /// <summary>Exit code 1 with a line on stderr.</summary>
    Crash,

    /// <summary>The step is never answered; at a prompt a cancel still ends it.</summary>
    Hang,

    /// <summary>Junk lines, then on as if nothing was.</summary>
    Garbage,

    /// <summary>A JSON-RPC error answers the step; at start a message on stderr and an exit code.</summary>
    Error,

    /// <summary>Exit code 0 without a word.</summary>
    Exit0,

    /// <summary>An update after the response that ended the turn.</summary>
    Late,

    /// <summary>Updates for a session before the reply that names it.</summary>
    Early,

    /// <summary>A request of the agent with the id of the client's running one.</summary>
    Collide,

    /// <summary>Requests of the agent with string ids; their answers are waited for.</summary>
    StringId,

    /// <summary>A line of a megabyte.</summary>
    HugeLine,

    /// <summary>Megabytes on stderr; blocks while the pipe is not drained.</summary>
    StderrFlood,

    /// <summary>Stop reason <c>refusal</c>; at <c>session/load</c> an error.</summary>
    Refuse,

    /// <summary>Another agent, model or empty session than was asked for, and not a word about it.</summary>
    SilentFallback,

    /// <summary>The throttling notification and error.</summary>
    RateLimit,

    /// <summary>A cancel without effect: the turn ends normally after its time.</summary>
    Ignore,

    /// <summary>The step takes longer.</summary>
    Slow,

    /// <summary>The next frames arrive in pieces, cut inside UTF-8 sequences.</summary>
    Split,

    /// <summary>JSON-RPC batches, which ACP does not have, around the running id.</summary>
    BatchJunk,
}

internal static class FaultNames
{
    public static string Name(this FaultPoint at) => at switch
    {
        FaultPoint.SessionNew => "session/new",
        FaultPoint.SessionLoad => "session/load",
        FaultPoint.SetMode => "set_mode",
        FaultPoint.SetModel => "set_model",
        _ => CamelCase(at.ToString()),
    };

    public static string Name(this FaultKind kind) => CamelCase(kind.ToString());

    private static string CamelCase(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        source.CopyTo(target);
        target[0] = char.ToLowerInvariant(target[0]);
    });
}
