using System.Globalization;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Rivals;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Topics;

/// <summary>Whole batches, including starts, compared with the alternatives.</summary>
internal sealed class Batches : Benchmark
{
    /// <summary>A second session that takes this long shows whether it is made in time.</summary>
    private const int SlowSession = 300;

    private static readonly Workload Instant = new("40 instant prompts, 4 wide", 40, 4, StartMs: 0, TurnMs: 0, Rounds: 5);
    private static readonly Workload Short = new("40 prompts of 0.2 s, start 1 s, 4 wide", 40, 4, StartMs: 1000, TurnMs: 200, Rounds: 3);
    private static readonly Workload Long = new("24 prompts of 1 s, start 3.6 s, 4 wide", 24, 4, StartMs: 3600, TurnMs: 1000, Rounds: 2);
    private static readonly Workload OneByOne = new("10 prompts of 50 ms, start 1.2 s, one at a time", 10, 1, StartMs: 1200, TurnMs: 50, Rounds: 3);

    public override string Name => "batches";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        using var shell = new ModuleShell();
        await MeasureAsync(shell, Instant, AgentProgram.Simulator(), 1);
        Table table = section.AddTable(
            "A batch from nothing to its last result (simulator)",
            "batch", "session/new", "floor", "KiroPool", "process per prompt", "the Python pool", "ForEach-Object -Parallel");
        Dictionary<(Workload, int), (Spread Floor, Spread Pool)> seen = [];
        foreach (int sessionMs in (int[])[0, SlowSession])
        {
            foreach (Workload work in (Workload[])[Instant, Short, Long, OneByOne])
            {
                // A quick run only checks that everything works: its times are a tenth, and no budget is judged.
                AgentProgram agent = AgentProgram.Simulator(work.StartMs / effort.Scale, sessionMs / effort.Scale, work.TurnMs / effort.Scale);
                int rounds = effort.IsQuick ? 1 : work.Rounds;
                double[][] figures = await MeasureAsync(shell, work, agent, rounds);
                (Spread floor, Spread pool) = seen[(work, sessionMs)] = (Spread.Of(figures[0]), Spread.Of(figures[1]));
                bool withRivals = sessionMs == 0 || work != Long;
                table.Add(
                    work.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{sessionMs / 1000.0} s"),
                    floor.In("s", "0.00"),
                    pool.In("s", "0.00"),
                    withRivals ? Seconds(await Lanes.RunAsync(work.Prompts, work.Width, i => ProcessPerPrompt.RunPolitely(agent, i))) : "–",
                    withRivals && sessionMs == 0 ? Seconds(await Lanes.RunAsync(work.Prompts, work.Width, i => ProcessPerPrompt.RunLikeTheSeed(agent, i))) : "–",
                    withRivals && sessionMs == 0 && ForEachParallel.Missing is null ? Seconds(ForEachParallel.Run(agent, work.Prompts, work.Width)) : "–");
            }
        }

        if (!effort.IsQuick)
            Judge(section, seen);
        section.Notes.Add(
            "KiroPool is `Start-KiroPool -MaxSize … -MaxStarting … -NoWait` and one `Invoke-KiroPrompt` in the embedded PowerShell engine. The floor is the bare loop on as many agents, which makes its sessions during turns too. "
            + "A process per prompt is a client of the agent's protocol that starts one, asks once and closes stdin. "
            + (ChatCommand.IsSimulated ? "The Python pool runs `chat --no-interactive`, closes stdin and kills." : "The `chat` of the Python pool is not simulated here: it equals the process per prompt, killed after its answer.")
            + (ForEachParallel.Missing is { } missing ? $" ForEach-Object -Parallel was not measured: {missing}." : ""));
        return section;
    }

    private static Task<double[][]> MeasureAsync(ModuleShell shell, Workload work, AgentProgram agent, int rounds) => Rounds.RunAsync(
        rounds,
        () => Lanes.RunAsync(work.Prompts, work.Width, () => new BareAgent(agent), (lane, i) => lane.Prompt($"prompt {i}"), lane => lane.Dispose()),
        () => Task.FromResult(RunPool(shell, work, agent)));

    /// <returns>Seconds to the last result; the stop comes after that.</returns>
    private static double RunPool(ModuleShell shell, Workload work, AgentProgram agent)
    {
        const string Script =
            """
            param($Agent, $Count, $Width)
            $null = Start-KiroPool @Agent -MaxSize $Width -MaxStarting $Width -NoWait
            1..$Count | Invoke-KiroPrompt
            Stop-KiroPool -Force -Confirm:$false
            """;
        (double[] stamps, _) = shell.Stamp(Script, agent.Parameters, work.Prompts, work.Width);
        return stamps.Length == work.Prompts ? stamps[^1] / 1000 : throw new InvalidOperationException($"{stamps.Length} results for {work.Prompts} prompts.");
    }

    private static void Judge(Section section, Dictionary<(Workload, int), (Spread Floor, Spread Pool)> seen)
    {
        section.Budgets.Add(new Budget($"{Instant.Name} (simulator)", "0.3 s", seen[(Instant, 0)].Pool.In("s", "0.00"), seen[(Instant, 0)].Pool.Median < 0.3));
        section.Budgets.Add(new Budget($"{Long.Name} (simulator)", "10.5 s", seen[(Long, 0)].Pool.In("s", "0.00"), seen[(Long, 0)].Pool.Median < 10.5));
        (Spread floor, Spread pool) = seen[(OneByOne, 0)];
        section.Budgets.Add(new Budget($"{OneByOne.Name} (simulator)", "floor + 5 %", $"floor {Percent(pool.Median, floor.Median)}", pool.Median <= 1.05 * floor.Median));

        // The first session is part of the start; the others must cost nothing while turns last longer than they do.
        double without = seen[(Long, 0)].Pool.Median + (SlowSession / 1000.0);
        double with = seen[(Long, SlowSession)].Pool.Median;
        section.Budgets.Add(new Budget("a fresh conversation per prompt, session/new 0.3 s, turn 1 s (simulator)", "nothing beyond the first session (2 %)", Percent(with, without), with <= 1.02 * without));
    }

    private static string Percent(double figure, double of) => Spread.Text(100 * (figure - of) / of, "+0.0;-0.0") + " %";

    private static string Seconds(double seconds) => Spread.Text(seconds, "0.00") + " s";

    private sealed record Workload(string Name, int Prompts, int Width, int StartMs, int TurnMs, int Rounds);
}
