using System.Text.Json.Serialization;

namespace KiroPool.Simulator;

/// <summary>
/// What a simulated kiro-cli is like. Comes as JSON (camelCase) from <see cref="SettingsSource.Variable"/>;
/// without it every property has the default given here.
/// </summary>
/// <remarks>
/// Properties have plain setters on purpose: the JSON source generator overwrites the initial values of init-only ones.
/// </remarks>
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

    /// <summary>The model of a session nobody chose one for. Default: the first of <see cref="Models"/>.</summary>
    public string? CurrentModel { get; set; }

    /// <summary>The agents on offer, besides the files in <c>.kiro/agents</c> of the process's directory. Default kiro_default, kiro_planner.</summary>
    public string[] Agents { get; set; } = ["kiro_default", "kiro_planner"];

    /// <summary>The agent of a session nobody chose one for. Default: the first of <see cref="Agents"/>.</summary>
    public string? CurrentAgent { get; set; }

    /// <summary>Credits a prompt costs. Default 0.05.</summary>
    public double Credits { get; set; } = 0.05;

    /// <summary>Percent of the context window a prompt fills. Default 1.5.</summary>
    public double ContextPercentPerPrompt { get; set; } = 1.5;

    /// <summary>False: <c>session/new</c> fails with -32000, <c>whoami</c> exits 1, and <c>chat</c> waits for a login in a browser. Default true.</summary>
    public bool SignedIn { get; set; } = true;

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

    /// <summary>False: v3 shows modes and models as v2 does, and still takes <c>session/set_config_option</c> only. Default true.</summary>
    public bool ListsConfigOptions { get; set; } = true;

    /// <summary>"v2" or "v3". A "v3" here cannot be pinned back with <c>--agent-engine v2</c>. Default "v2".</summary>
    public AgentEngine Engine { get; set; } = AgentEngine.V2;

    /// <summary>False: an older version, which does not know <c>--agent-engine</c>. Default true.</summary>
    public bool EngineFlag { get; set; } = true;

    /// <summary>How sessions are ended: "standard", "kiro" or "none". Default "kiro".</summary>
    public CloseStyle Close { get; set; } = CloseStyle.Kiro;

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

    [JsonIgnore]
    public string DefaultModel => CurrentModel ?? (Models.Length > 0 ? Models[0].Id : "auto");

    [JsonIgnore]
    public string DefaultAgent => CurrentAgent ?? (Agents.Length > 0 ? Agents[0] : "kiro_default");
}

internal sealed class ModelSetting
{
    public required string Id { get; set; }

    public required string Name { get; set; }
}

internal enum AgentEngine { V2, V3 }

internal enum CloseStyle { Kiro, Standard, None }

internal enum Grandchild { None, Group, Setsid }
