namespace KiroPool.Simulator;

/// <summary>
/// What a simulated kiro-cli is like. Comes as JSON (camelCase) from <see cref="SettingsSource.Variable"/>;
/// without it every property has the default given here.
/// </summary>
internal sealed class SimulatorSettings
{
    /// <summary>Milliseconds slept before anything is read or written. Default 0.</summary>
    public int StartMs { get; set; }

    /// <summary>Milliseconds <c>initialize</c> takes. Default 0.</summary>
    public int InitializeMs { get; set; }

    /// <summary>Milliseconds the first <c>session/new</c> or <c>session/load</c> takes: where the real one starts its MCP servers. Default 0.</summary>
    public int FirstSessionMs { get; set; }

    /// <summary>Milliseconds every later <c>session/new</c> or <c>session/load</c> takes. Default 0.</summary>
    public int SessionMs { get; set; }

    /// <summary>Milliseconds a turn takes, spread over its chunks. Default 0.</summary>
    public int TurnMs { get; set; }

    /// <summary>Pieces an answer is streamed in; fewer when the answer has fewer characters. Default 3.</summary>
    public int Chunks { get; set; } = 3;

    /// <summary>Bytes an answer is padded to with ASCII; 0 leaves it as it is. Default 0.</summary>
    public int AnswerBytes { get; set; }

    /// <summary>One <c>agent_thought_chunk</c> goes before the answer. Default false.</summary>
    public bool Thought { get; set; }

    /// <summary>The models on offer. Default: auto and the three Claude models of kiro-cli.</summary>
    public ModelSetting[] Models { get; set; } =
    [
        new() { Id = "auto", Name = "Auto" },
        new() { Id = "claude-opus-4.5", Name = "Claude Opus 4.5" },
        new() { Id = "claude-sonnet-4.5", Name = "Claude Sonnet 4.5" },
        new() { Id = "claude-haiku-4.5", Name = "Claude Haiku 4.5" },
    ];

    /// <summary>The model of a session that names none. Default: the first of <see cref="Models"/>.</summary>
    public string? CurrentModel { get; set; }

    /// <summary>The agents on offer, besides the files in <c>.kiro/agents</c> of the process's directory. Default: those the engine brings.</summary>
    public string[]? Agents { get; set; }

    /// <summary>The agent of a session that names none. Default: the first on offer.</summary>
    public string? CurrentAgent { get; set; }

    /// <summary>Credits a prompt costs. Default 0.05.</summary>
    public double Credits { get; set; } = 0.05;

    /// <summary>Percent of the context window a prompt fills. Default 1.5.</summary>
    public double ContextPercentPerPrompt { get; set; } = 1.5;

    /// <summary>
    /// False: <c>whoami</c> exits 1, <c>chat</c> waits for a login in a browser, v2 fails <c>session/new</c> with -32000. v3 ends
    /// at its start; from 2.37 on it fails <c>session/new</c>, too. Default true.
    /// </summary>
    public bool SignedIn { get; set; } = true;

    /// <summary>True: <c>chat --output-format stream-json</c> without an account waits for a login as the text mode does, with its words on stdout (2.29). Default false.</summary>
    public bool DeviceLogin { get; set; }

    /// <summary>Whether <c>chat</c> knows <c>--output-format</c>. Default: from 2.19.2 on.</summary>
    public bool? StreamJson { get; set; }

    /// <summary>Characters of <c>finalText</c>; 0 for all. Default 0.</summary>
    public int FinalTextChars { get; set; }

    /// <summary>True: <c>chat --output-format stream-json</c> mixes lines of its log into stdout (2.18). Default false.</summary>
    public bool StdoutNoise { get; set; }

    /// <summary>True: turns tell their cost and tokens in the standard's ways, <c>usage_update.cost</c> and <c>usage</c> of the response. Default false.</summary>
    public bool StandardUsage { get; set; }

    /// <summary>True: <c>chat</c> says so on stderr, answers nothing, and exits 0. Default false.</summary>
    public bool ApiKeyExpired { get; set; }

    /// <summary>Milliseconds <c>whoami</c> takes. Default 0.</summary>
    public int WhoAmIMs { get; set; }

    /// <summary>False: <c>chat --interactive</c> is unknown, as to the kiro-cli of today. Default true.</summary>
    public bool Interactive { get; set; } = true;

    /// <summary>What ends a message of <c>chat --interactive</c>.</summary>
    public string MessageDelimiter { get; set; } = "\n---END_OF_MESSAGE---\n";

    /// <summary>What ends a response of <c>chat --interactive</c>.</summary>
    public string ResponseDelimiter { get; set; } = "\n---END_OF_RESPONSE---\n";

    /// <summary>The version <c>--version</c> tells, which decides what else depends on it. Default 2.9.0; 2.27.1 where <see cref="Engine"/> is v3.</summary>
    public string? Version { get; set; }

    /// <summary>"v2" or "v3": the engine that runs when the command line names none. Default "v2".</summary>
    public AgentEngine Engine { get; set; } = AgentEngine.V2;

    /// <summary>False: a version that does not know <c>--agent-engine</c>. Default true.</summary>
    public bool EngineFlag { get; set; } = true;

    /// <summary>The engines <c>--agent-engine</c> can name. Another one is a wrong argument: it is gone. Default v1, v2, v3.</summary>
    public string[] Engines { get; set; } = ["v1", "v2", "v3"];

    /// <summary>
    /// How sessions are ended. "standard": <c>session/close</c>, advertised; "kiro": the engine's own method, which is not
    /// advertised; "none". Default "kiro"; for v3 from 2.20 on "standard", where the engine's own method works, too.
    /// </summary>
    public CloseStyle? Close { get; set; }

    /// <summary>
    /// How an agent of v2's kind takes the schema of an answer with the prompt, which it then announces: "text" (the answer is
    /// its text) or "structured" (the answer is in the response instead). Default none: it takes no schema.
    /// </summary>
    public OutputSchemaStyle? OutputSchema { get; set; }

    /// <summary>What only v3 has.</summary>
    public V3Settings V3 { get; set; } = new();

    /// <summary>Whether <c>session/load</c> is offered. Default true.</summary>
    public bool LoadSession { get; set; } = true;

    /// <summary>Directory sessions are kept in, so that another process can load them. Default none: they end with the process.</summary>
    public string? SessionStore { get; set; }

    /// <summary>True: the lock of an owner that was killed still bars its session (kirodotdev/Kiro#10666). Default false: only a live owner does.</summary>
    public bool StaleLocks { get; set; }

    /// <summary>Milliseconds it takes from the end of stdin until the sessions are put away and the process ends. Default 0.</summary>
    public int EofMs { get; set; }

    /// <summary>Whether image blocks are taken; else they are dropped silently. Default true.</summary>
    public bool ImagePrompts { get; set; } = true;

    /// <summary>True: permission options say <c>id</c> and <c>label</c>, as some versions do. Default false.</summary>
    public bool LegacyPermissionOptions { get; set; }

    /// <summary>File that gets one JSON line per event, from all processes that name it. Default none.</summary>
    public string? Log { get; set; }

    /// <summary>The process only starts the working one as its child, and SIGTERM to it leaves the child alive. Default false.</summary>
    public bool Wrapper { get; set; }

    /// <summary>A sleeping child that ignores SIGTERM: "none", "group" (same process group) or "setsid" (a session of its own). Default "none".</summary>
    public Grandchild Grandchild { get; set; }

    /// <summary>The process outlives a closed stdin. Default false.</summary>
    public bool IgnoreEof { get; set; }

    /// <summary>The process ignores SIGTERM. Default false.</summary>
    public bool IgnoreSigterm { get; set; }

    /// <summary>Mebibytes of touched memory kept per prompt. Default 0.</summary>
    public int LeakMb { get; set; }

    /// <summary>Line written to stdout before the first frame. Default none.</summary>
    public string? Banner { get; set; }

    /// <summary>Mebibytes of touched memory at start. Default 0.</summary>
    public int MemoryMb { get; set; }

    /// <summary>Bytes written to stderr at start. Default 0.</summary>
    public long StderrBytes { get; set; }

    /// <summary>What goes wrong, and when. Default nothing.</summary>
    public Fault[] Faults { get; set; } = [];

    public string DefaultModel => CurrentModel ?? (Models.Length > 0 ? Models[0].Id : "auto");

    public string TheVersion => Version ?? (Engine == AgentEngine.V3 ? "2.27.1" : "2.9.0");

    /// <summary>Whether <c>--auth-method</c> is an argument; 2.12 did not have it.</summary>
    public bool KnowsAuthMethod => IsAtLeast(2, 19) || Engine == AgentEngine.V3;

    public bool KnowsStreamJson => StreamJson ?? IsAtLeast(2, 19, 2);

    public bool IsAtLeast(int major, int minor, int patch = 0) =>
        System.Version.Parse(TheVersion) >= new Version(major, minor, patch);
}

internal sealed class ModelSetting
{
    public string Id { get; set; } = "";

    public string Name { get; set; } = "";
}

internal enum AgentEngine { V2, V3 }

internal enum CloseStyle { Kiro, Standard, None }

internal enum OutputSchemaStyle { Text, Structured }

internal enum Grandchild { None, Group, Setsid }
