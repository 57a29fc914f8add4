using System.Diagnostics;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;

namespace KiroPool.Benchmarks.Topics;

/// <summary>Renting and returning an agent without a turn: the bookkeeping of the pool.</summary>
internal sealed class RentAndReturn : Benchmark
{
    private const double Limit = 10;

    public override string Name => "rent-and-return";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table table = section.AddTable("A rent and return (agents without a process)", "callers", "agents", "per rent and return", "a second, all callers together");
        foreach ((int callers, int agents) in ((int, int)[])[(1, 1), (1, 16), (4, 16), (16, 16), (4, 2), (16, 4)])
        {
            await using AgentPool pool = await InProcessAgents.MakeWarmPoolAsync(agents);
            int each = effort.Of(200_000) / callers;
            Func<Task<double>> run = () => RunAsync(pool, callers, each);
            await Rounds.RunAsync(2, run);
            Spread time = Spread.Of((await Rounds.RunAsync(effort.Rounds, run))[0]);
            table.Add($"{callers}", $"{agents}", time.In("µs", "0.00"), Spread.Text(1e6 / time.Median, "#,##0"));
            if (agents >= callers)
                section.Budgets.Add(new Budget($"rent and return from idle, {callers} caller{(callers == 1 ? "" : "s")}, {agents} agent{(agents == 1 ? "" : "s")}", $"{Limit} µs", time.In("µs", "0.00"), time.Median < Limit));
        }

        section.Notes.Add("Each caller is a task that rents and returns in a loop. The time is the elapsed time divided by the number of rents of all callers.");
        return section;
    }

    /// <returns>Microseconds for each of all the rents.</returns>
    private static async Task<double> RunAsync(AgentPool pool, int callers, int each)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++)
                (await pool.RentAsync(pool.DefaultSpec, CancellationToken.None)).Return();
        })));
        return watch.Elapsed.TotalMicroseconds / (callers * each);
    }
}
