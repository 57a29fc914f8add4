using System.Globalization;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>The allocations of turns, the memory that a pool adds to its host, and its growth.</summary>
internal sealed class Memory : Benchmark
{
    private const double TurnLimit = 5;
    private const double PoolLimit = 30;
    private const double GrowthLimit = 1;

    public override string Name => "memory";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        await MeasureTurnsAsync(section, effort);
        await MeasureHostAsync(section, effort);
        await MeasureGrowthAsync(section, effort);
        return section;
    }

    private static async Task MeasureTurnsAsync(Section section, Effort effort)
    {
        Table table = section.AddTable("Allocated by the engine per warm turn (instant agent)", "answer", "allocated");
        await using var pool = new AgentPool(new PoolOptions { MaxSize = 1, MaxUses = 0 }, AgentProgram.Instant.Spec);
        foreach (TurnShape shape in (TurnShape[])[TurnShape.Silent, new(1, 1024), new(4, 1024), new(64, 1024), new(64, 1 << 20)])
        {
            string prompt = shape.ToString();
            int turns = effort.Of(shape.Bytes > 100_000 ? 50 : 1000);
            Spread allocated = await MeasureAsync(turns, () => pool.PromptAsync(new PromptRequest { Prompt = prompt }), effort);
            table.Add(shape.Name, allocated.In("kB", "#,##0.00"));
            if (shape == TurnShape.Silent)
                section.Budgets.Add(new Budget("allocated per chunkless turn, its session/new and close included", $"{TurnLimit} kB", allocated.In("kB", "0.00"), allocated.Median < TurnLimit));
        }

        await MeasureKeptTurnAsync(table, section, pool, effort);
    }

    /// <summary>A turn of a kept conversation, without session/new and close.</summary>
    private static async Task MeasureKeptTurnAsync(Table table, Section section, AgentPool pool, Effort effort)
    {
        string prompt = TurnShape.Silent.ToString();
        using Session session = pool.Sessions.CreateTemporary();
        Spread allocated = await MeasureAsync(effort.Of(1000), () => session.PromptAsync(new PromptRequest { Prompt = prompt }), effort);
        table.Add("no text, in a kept conversation", allocated.In("kB", "#,##0.00"));
        section.Budgets.Add(new Budget("allocated per chunkless turn of a kept conversation", $"{TurnLimit} kB", allocated.In("kB", "0.00"), allocated.Median < TurnLimit));
    }

    private static async Task<Spread> MeasureAsync(int turns, Func<Task> turn, Effort effort)
    {
        Func<Task<double>> run = async () =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < turns; i++)
                await turn();
            return (GC.GetTotalAllocatedBytes(precise: true) - before) / 1000.0 / turns;
        };
        await Rounds.RunAsync(1, run);
        return Spread.Of((await Rounds.RunAsync(effort.Rounds, run))[0]);
    }

    private static async Task MeasureHostAsync(Section section, Effort effort)
    {
        List<Dictionary<string, double>> with = [], without = [];
        for (int round = 0; round < Math.Max(3, effort.Rounds / 2); round++)
        {
            without.Add(await HostProcess.RunAsync(HostPrograms.Without));
            with.Add(await HostProcess.RunAsync(HostPrograms.Eight));
        }

        Table table = section.AddTable("Private memory of a PowerShell host after 800 prompts on 8 agents, and after as much other work (instant agent)", "host", "as it is", "after a full collection");
        table.Add("without a pool", Of(without, "asItIs").In("MB", "0.0"), Of(without, "collected").In("MB", "0.0"));
        table.Add("with 8 agents", Of(with, "asItIs").In("MB", "0.0"), Of(with, "collected").In("MB", "0.0"));
        double more = Of(with, "asItIs").Median - Of(without, "asItIs").Median;
        double moreCollected = Of(with, "collected").Median - Of(without, "collected").Median;
        section.Budgets.Add(new Budget(
            "private memory with 8 agents, over the same host without", $"{PoolLimit} MB",
            $"{Spread.Text(more, "0.0")} MB; {Spread.Text(moreCollected, "0.0")} MB after a full collection", more < PoolLimit));
    }

    private static async Task MeasureGrowthAsync(Section section, Effort effort)
    {
        int turns = effort.Of(100_000), inputs = effort.Of(1_000_000);
        Dictionary<string, double> flat = await HostProcess.RunAsync(HostPrograms.Flat, turns.ToString(CultureInfo.InvariantCulture));
        Dictionary<string, double> million = await HostProcess.RunAsync(HostPrograms.Million, inputs.ToString(CultureInfo.InvariantCulture));
        Table table = section.AddTable("Growth", "run", "managed memory", "private memory", "a second");
        table.Add(
            string.Create(CultureInfo.InvariantCulture, $"{turns:N0} turns on 2 agents (instant agent)"),
            Growth(flat["managedGrowth"]), Growth(flat["ownGrowth"]), Spread.Text(flat["turnsPerSecond"], "#,##0"));
        double growth = million["last"] - million["first"];
        table.Add(
            string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} pipeline inputs (agents without a process)"),
            $"{Growth(growth)}, at most {Spread.Text(million["most"], "0.0")} MB", "–", Spread.Text(million["perSecond"], "#,##0"));
        section.Budgets.Add(new Budget("managed memory over 100,000 turns", "flat (1 MB)", Growth(flat["managedGrowth"]), flat["managedGrowth"] < GrowthLimit));
        section.Budgets.Add(new Budget("managed memory over a million pipeline inputs", "flat (1 MB)", Growth(growth), growth < GrowthLimit));
    }

    private static Spread Of(List<Dictionary<string, double>> figures, string name) => Spread.Of(figures.Select(f => f[name]));

    private static string Growth(double megabytes) => Spread.Text(megabytes, "+0.00;-0.00") + " MB";
}
