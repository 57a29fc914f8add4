using System.Diagnostics;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>How the cost of a turn grows with agents, prompts and callers: it should not.</summary>
internal sealed class Scale : Benchmark
{
    private static readonly string Prompt = new TurnShape(4, 1024).ToString();

    public override string Name => "scale";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table agents = Add(section, "More agents, as many callers, 4,000 prompts (instant agent)", "agents");
        foreach (int count in (int[])[1, 2, 4, 8, 16, 32, 64])
        {
            await using AgentPool pool = await StartAsync(count);
            await MeasureAsync(agents, $"{count}", pool, callers: count, effort.Of(4000), effort);
        }

        await using AgentPool four = await StartAsync(4);
        Table callers = Add(section, "More callers on 4 agents, 4,000 prompts (instant agent)", "callers");
        foreach (int count in (int[])[1, 2, 4, 8, 16, 32, 64])
            await MeasureAsync(callers, $"{count}", four, count, effort.Of(4000), effort);

        // All at once: the queue is as long as the batch.
        Table prompts = Add(section, "More prompts, all queued at once for 4 agents (instant agent)", "prompts");
        foreach (int count in (int[])[1, 10, 100, 1000, 10_000])
            await MeasureAsync(prompts, $"{count:N0}", four, callers: count, count, effort);
        section.Notes.Add("CPU is that of the host; the agents use about as much on the same processors.");
        return section;
    }

    private static Table Add(Section section, string title, string what) =>
        section.AddTable(title, what, "turns a second", "host CPU per turn", "allocated per turn");

    private static async Task<AgentPool> StartAsync(int size)
    {
        var pool = new AgentPool(new PoolOptions { MinSize = size, MaxSize = size, MaxStarting = 8, MaxUses = 0, SweepInterval = TimeSpan.FromHours(1) }, AgentProgram.Instant.Spec);
        await pool.WarmAsync();
        while (pool.GetStatistics().IdleCount < size)
            await Task.Delay(20);
        await RunAsync(pool, size, 20 * size);
        return pool;
    }

    private static async Task MeasureAsync(Table table, string row, AgentPool pool, int callers, int prompts, Effort effort)
    {
        List<double> rates = [], cpu = [], bytes = [];
        await RunAsync(pool, callers, prompts);
        for (int round = 0; round < Math.Max(3, effort.Rounds / 2); round++)
        {
            TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
            long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.StartNew();
            await RunAsync(pool, callers, prompts);
            rates.Add(prompts / watch.Elapsed.TotalSeconds);
            cpu.Add((Environment.CpuUsage.TotalTime - cpuBefore).TotalMicroseconds / prompts);
            bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - bytesBefore) / 1000.0 / prompts);
        }

        table.Add(row, Spread.Of(rates).In("", "#,##0").TrimEnd(), Spread.Of(cpu).In("µs", "0"), Spread.Of(bytes).In("kB", "0.0"));
    }

    private static Task RunAsync(AgentPool pool, int callers, int prompts)
    {
        int next = 0;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) <= prompts)
                await pool.PromptAsync(new PromptRequest { Prompt = Prompt });
        }));
    }
}
