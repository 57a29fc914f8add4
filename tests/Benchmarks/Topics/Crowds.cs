using System.Globalization;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Topics;

/// <summary>One to sixteen warm agents, each number in a new process. On Windows, blocking pipes once starved the thread pool here.</summary>
internal sealed class Crowds : Benchmark
{
    public override string Name => "crowds";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table table = section.AddTable("Warm agents in a fresh process (simulator), and 20 single prompts", "agents", "first warm", "all warm", "worst prompt", "most threads of the pool");
        foreach (int agents in (int[])[1, 2, 4, 8, 16])
        {
            string count = agents.ToString(CultureInfo.InvariantCulture);
            List<Dictionary<string, double>> figures = [];
            for (int round = 0; round < effort.Rounds; round++)
                figures.Add(await HostProcess.RunAsync(HostPrograms.Crowd, [count, .. AgentProgram.Simulator().ToArguments()]));
            table.Add(count, Middle("first", "s"), Middle("all", "s"), Middle("worstPrompt", "s"), Spread.Of(figures.Select(f => f["threads"])).In("", "0").Trim());

            string Middle(string figure, string unit) => Spread.Of(figures.Select(f => f[figure])).In(unit, "0.00");
        }

        return section;
    }
}
