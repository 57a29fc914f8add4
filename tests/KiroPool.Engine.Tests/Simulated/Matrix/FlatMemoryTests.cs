using System.Diagnostics;
using System.Globalization;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>Memory over many instant turns.</summary>
[Collection<Alone>]
public sealed class FlatMemoryTests(ITestOutputHelper output)
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public async Task Memory_is_flat_over_many_instant_turns()
    {
        int turns = Seeds.IsFullRun ? 100_000 : 3_000;
        using var agent = new SimulatedAgent();

        // Without a log, which would cost the agent more time than the turns.
        AgentSpec spec = new() { Executable = agent.Spec.Executable, Arguments = agent.Spec.Arguments, WorkingDirectory = agent.Folder, Environment = AgentSpec.NoEnvironment.Add(SimulatedAgent.Marker, agent.Id) };
        await using (var pool = new AgentPool(new PoolOptions { MinSize = 0, MaxSize = 2, MaxUses = 0 }, spec))
        {
            // The first third allocates everything permanent: compiled code, buffers, the latency window.
            await RunAsync(pool, turns / 3);
            (long managed, long own) = Measure();
            var watch = Stopwatch.StartNew();
            for (int part = 1; part <= 4; part++)
            {
                await RunAsync(pool, turns / 6);
                (long managedNow, long ownNow) = Measure();
                output.WriteLine($"After {(turns / 3) + (part * turns / 6):N0} turns: managed {managedNow / MiB:0.00} MiB ({(managedNow - managed) / MiB:+0.00;-0.00}), private {ownNow / MiB:0.0} MiB ({(ownNow - own) / MiB:+0.0;-0.0})");
            }

            (long managedEnd, long ownEnd) = Measure();
            PoolStatistics end = pool.GetStatistics();
            output.WriteLine($"{4 * (turns / 6) / watch.Elapsed.TotalSeconds:N0} turns a second; agents {string.Join(", ", end.Processes.Select(p => $"{p.UseCount:N0} turns {p.MemoryBytes / MiB:0} MiB"))}");
            Assert.Equal(2 * (turns / 6) + (4 * 2 * (turns / 12)), end.Completed);
            Assert.InRange(managedEnd - managed, long.MinValue, (long)MiB);
            Assert.InRange(ownEnd - own, long.MinValue, (long)(10 * MiB));
        }

        agent.AssertNothingLives();
    }

    private static Task RunAsync(AgentPool pool, int turns) => Task.WhenAll(Enumerable.Range(0, 2).Select(async caller =>
    {
        for (int i = 0; i < turns / 2; i++)
            await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
    }));

    /// <summary>Managed memory in use, and private memory of this process.</summary>
    private static (long Managed, long Own) Measure()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (GC.GetTotalMemory(forceFullCollection: true), OperatingSystem.IsLinux() ? PrivateOnLinux() : Environment.WorkingSet);
    }

    private static long PrivateOnLinux()
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
