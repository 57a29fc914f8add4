using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>One prompt after the other on one warm agent: the pipe alone, the engine, the cmdlet.</summary>
internal sealed class WarmTurns : Benchmark
{
    private const string Items = "$args[0] | Invoke-KiroPrompt";
    private const double EngineLimit = 0.15;
    private const double CmdletLimit = 0.5;

    private static readonly TurnShape[] Shapes =
    [
        TurnShape.Silent, new(1, 1024), new(4, 1024), new(64, 1024), new(1, 1 << 20), new(4, 1 << 20), new(64, 1 << 20),
    ];

    public override string Name => "warm-turn";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table table = section.AddTable(
            "A warm turn, one after the other on one agent (instant agent, not the simulator)",
            "answer", "floor", "engine", "engine over floor", "cmdlet, per item", "cmdlet over floor");
        using var bare = new BareAgent(AgentProgram.Instant);
        await using var pool = new AgentPool(new PoolOptions { MaxSize = 1, MaxUses = 0 }, AgentProgram.Instant.Spec);
        using var shell = new ModuleShell();
        shell.StartPool(AgentProgram.Instant, 1);
        foreach (TurnShape shape in Shapes)
        {
            string prompt = shape.ToString();
            int turns = effort.Of(shape.Bytes > 100_000 ? 40 : 1000);
            Func<Task<double>> floor = () => Task.FromResult(Timing.MedianOf(turns, () => bare.Prompt(prompt)));
            Func<Task<double>> engine = () => Timing.MedianOfAsync(turns, () => pool.PromptAsync(new PromptRequest { Prompt = prompt }));
            Func<Task<double>> cmdlet = () => Task.FromResult(shell.MedianItem(Items, prompt, turns));

            // Two warm-up runs: one compiles the code, one runs the optimised code.
            await Rounds.RunAsync(2, floor, engine, cmdlet);
            double[][] figures = await Rounds.RunAsync(effort.Rounds, floor, engine, cmdlet);
            Spread engineMore = Rounds.Difference(figures[1], figures[0]);
            Spread cmdletMore = Rounds.Difference(figures[2], figures[0]);
            table.Add(shape.Name, Spread.Of(figures[0]).In("ms"), Spread.Of(figures[1]).In("ms"), engineMore.In("ms"), Spread.Of(figures[2]).In("ms"), cmdletMore.In("ms"));
            section.Budgets.Add(new Budget($"warm turn, engine, {shape.Name}", $"floor + {EngineLimit} ms", $"floor + {engineMore.In("ms")}", engineMore.Median <= EngineLimit));
            section.Budgets.Add(new Budget($"warm turn, cmdlet, per item, {shape.Name}", $"floor + {CmdletLimit} ms", $"floor + {cmdletMore.In("ms")}", cmdletMore.Median <= CmdletLimit));
        }

        await MeasureStringAsync(section, bare, pool, effort);
        await MeasureInvocationAsync(section, shell, effort);
        return section;
    }

    /// <summary>A floor that also reads the text, for answers so long that this is most of the turn.</summary>
    private static async Task MeasureStringAsync(Section section, BareAgent bare, AgentPool pool, Effort effort)
    {
        Table table = section.AddTable(
            "A megabyte as a string (instant agent): the floor with one pass of the framework's JSON reader and one string at the end",
            "answer", "floor", "floor that reads the text", "engine", "engine over the floor that reads");
        foreach (TurnShape shape in Shapes.Where(shape => shape.Bytes >= 1 << 20))
        {
            string prompt = shape.ToString();
            int turns = effort.Of(40);
            Func<Task<double>> floor = () => Task.FromResult(Timing.MedianOf(turns, () => bare.Prompt(prompt)));
            Func<Task<double>> reading = () => Task.FromResult(Timing.MedianOf(turns, () => bare.PromptForText(prompt)));
            Func<Task<double>> engine = () => Timing.MedianOfAsync(turns, () => pool.PromptAsync(new PromptRequest { Prompt = prompt }));
            await Rounds.RunAsync(1, floor, reading, engine);
            double[][] figures = await Rounds.RunAsync(effort.Rounds, floor, reading, engine);
            table.Add(shape.Name, Spread.Of(figures[0]).In("ms"), Spread.Of(figures[1]).In("ms"), Spread.Of(figures[2]).In("ms"), Rounds.Difference(figures[2], figures[1]).In("ms"));
        }
    }

    /// <summary>The cost of an invocation beside its items.</summary>
    private static async Task MeasureInvocationAsync(Section section, ModuleShell shell, Effort effort)
    {
        string prompt = TurnShape.Silent.ToString();
        Func<Task<double>> one = () => Task.FromResult(Timing.MedianOf(effort.Of(200), () => shell.Run("Invoke-KiroPrompt $args[0]", prompt)));
        Func<Task<double>> nothing = () => Task.FromResult(Timing.MedianOf(effort.Of(200), () => shell.Run("$args[0] | ForEach-Object { $_ }", prompt)));
        Func<Task<double>> item = () => Task.FromResult(shell.MedianItem(Items, prompt, effort.Of(1000)));
        await Rounds.RunAsync(1, one, nothing, item);
        double[][] figures = await Rounds.RunAsync(effort.Rounds, one, nothing, item);
        Table table = section.AddTable("The invocation apart: a script of one command with one prompt (instant agent)", "script", "takes");
        table.Add("Invoke-KiroPrompt, no text", Spread.Of(figures[0]).In("ms"));
        table.Add("ForEach-Object that gives back its input", Spread.Of(figures[1]).In("ms"));
        table.Add("an item of a longer invocation", Spread.Of(figures[2]).In("ms"));
    }
}
