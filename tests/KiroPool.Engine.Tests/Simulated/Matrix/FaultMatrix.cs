namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>The allowed effect of a fault on the prompts of a pool.</summary>
internal enum Harm
{
    /// <summary>Every prompt is answered.</summary>
    None,

    /// <summary>A fault fails only the prompt that meets it.</summary>
    OnePrompt,

    /// <summary>A permanent start failure fails all waiters of its key.</summary>
    AllWaiting,
}

/// <summary>One cell: a fault at a stage, in a pool of a size, with an engine. The seed decides the rest.</summary>
internal sealed record Cell(string Fault, string Stage, int Size, string Engine, int Seed)
{
    /// <summary>Whether the stage belongs to a prompt, so that the fault can be tied to some of them.</summary>
    public bool IsInTurn => Stage is "prompt" or "streaming" or "permission" or "cancel";

    public Harm Harm => (Fault, Stage) switch
    {
        (_, "cancel") => Harm.None,
        ("error" or "rateLimit", "initialize" or "session/new") => Harm.AllWaiting,
        ("crash" or "exit0" or "error", "start") or ("crash" or "exit0", "initialize") => Harm.None,
        ("hang" or "error" or "rateLimit", "close") => Harm.None,
        ("crash" or "exit0" or "hang" or "error" or "rateLimit", _) => Harm.OnePrompt,
        _ => Harm.None,
    };

    public override string ToString() => $"seed {Seed}: {Fault} at {Stage}, pool of {Size}, {Engine}";
}

/// <summary>Every fault at every stage where the simulator can show it, in pools of one and of three, with both engines.</summary>
internal static class FaultMatrix
{
    private static readonly string[] Stages = ["start", "initialize", "session/new", "prompt", "streaming", "permission", "cancel", "close", "idle"];
    private static readonly int[] Sizes = [1, 3];
    private static readonly string[] Engines = ["v2", "v3"];

    /// <summary>The stages at which a fault cannot happen.</summary>
    private static readonly Dictionary<string, string[]> NotAt = new()
    {
        ["crash"] = [],
        ["exit0"] = [],
        ["garbage"] = [],
        ["batchJunk"] = [],
        ["stderrFlood"] = [],
        ["hugeLine"] = [],
        ["hang"] = ["idle"],
        ["slow"] = ["idle"],
        ["split"] = ["idle"],
        ["error"] = ["idle"],
        ["collide"] = ["start", "cancel", "idle"],
        ["stringId"] = ["start", "cancel", "idle"],
        ["rateLimit"] = ["start", "cancel", "idle"],
        ["late"] = AllBut("prompt", "streaming", "cancel"),
        ["early"] = AllBut("session/new"),
        ["refuse"] = AllBut("prompt", "streaming"),
        ["silentFallback"] = AllBut("session/new"),
        ["ignore"] = AllBut("cancel"),
    };

    public static IEnumerable<string> Faults => NotAt.Keys;

    /// <summary>All cells, so many times, each with a seed of its own.</summary>
    public static IReadOnlyList<Cell> Cells(int rounds)
    {
        int seed = 0;
        return [.. from _ in Enumerable.Range(0, rounds)
                   from fault in Faults
                   from stage in Stages.Except(NotAt[fault])
                   from size in Sizes
                   from engine in Engines
                   select new Cell(fault, stage, size, engine, ++seed)];
    }

    private static string[] AllBut(params string[] stages) => [.. Stages.Except(stages)];
}
