using System.Diagnostics;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>A foreign agent: tests/ConformanceAgent on the protocol's TypeScript SDK and node.</summary>
internal sealed class RealAgent : Benchmark
{
    public override string Name => "real-agent";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        string folder = Path.Combine(Repository.Root, "tests", "ConformanceAgent");
        string? node = Repository.FindOnPath("node");
        if (node is null || !Directory.Exists(Path.Combine(folder, "node_modules", "@agentclientprotocol", "sdk")))
        {
            section.Notes.Add(node is null ? "Not measured: there is no node on PATH." : "Not measured: run `npm ci` in tests/ConformanceAgent first.");
            return section;
        }

        var agent = new AgentProgram(node, [Path.Combine(folder, "agent.js")]);
        Table table = section.AddTable("The agent of tests/ConformanceAgent (node, the official SDK)", "turn", "floor", "engine", "engine over floor");
        double[][] cold = await Rounds.RunAsync(effort.Rounds, () => Task.FromResult(RunColdBare(agent)), () => RunColdAsync(agent));
        Add(table, "cold: start to first answer", cold);

        using var bare = new BareAgent(agent);
        await using var pool = new AgentPool(new PoolOptions { MaxSize = 1, MaxUses = 0 }, agent.Spec);
        int turns = effort.Of(500);
        Func<Task<double>> floor = () => Task.FromResult(Timing.MedianOf(turns, () => bare.Prompt("hello")));
        Func<Task<double>> engine = () => Timing.MedianOfAsync(turns, () => pool.PromptAsync(new PromptRequest { Prompt = "hello" }));
        await Rounds.RunAsync(2, floor, engine);
        Add(table, "warm", await Rounds.RunAsync(effort.Rounds, floor, engine));
        return section;
    }

    private static void Add(Table table, string what, double[][] figures) =>
        table.Add(what, Spread.Of(figures[0]).In("ms"), Spread.Of(figures[1]).In("ms"), Rounds.Difference(figures[1], figures[0]).In("ms"));

    private static double RunColdBare(AgentProgram agent)
    {
        long began = Stopwatch.GetTimestamp();
        using var bare = new BareAgent(agent);
        bare.LastPrompt("hello");
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<double> RunColdAsync(AgentProgram agent)
    {
        long began = Stopwatch.GetTimestamp();
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0, MaxSize = 1 }, agent.Spec);
        await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
