using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>
/// Agents behind ssh, on "hosts" that are this machine: a real sshd on the loopback address, and links that delay every byte.
/// Beside it plain ssh with nothing but its pipe.
/// </summary>
internal sealed class FarHosts : Benchmark
{
    private const int MostRounds = 5;
    private const int Turns = 20;
    private static readonly int[] RoundTrips = [0, 20, 100];
    private static readonly string[] Names = ["a", "b", "c"];

    public override string Name => "hosts";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        if (LoopbackSshd.WhyMissing is { } why)
        {
            section.Notes.Add($"Not measured: {why}");
            return section;
        }

        using var sshd = new LoopbackSshd();
        int rounds = Math.Min(effort.Rounds, MostRounds);
        Table starts = section.AddTable("An agent on a host (instant agent): until the first one is ready, until the next one is, and a turn", "round trip", "over", "first", "next", "turn");
        Table batch = section.AddTable($"{effort.Of(300)} instant prompts on three hosts with two agents each, six at a time", "round trip", "six plain ssh, split evenly", "pool, a connection each", "pool, shared connections");
        foreach (int roundTrip in RoundTrips)
        {
            using SlowLink? link = roundTrip == 0 ? null : new SlowLink(sshd.Port, TimeSpan.FromMilliseconds(roundTrip));
            var hosts = new Reached(sshd, link?.Port ?? sshd.Port);
            await MeasureStartsAsync(starts, $"{roundTrip} ms", hosts, rounds);
            double[][] took = await Rounds.RunAsync(rounds, () => Task.Run(() => hosts.SplitPlain(effort.Of(300))), () => RunBatchAsync(hosts, false, effort.Of(300)), () => RunBatchAsync(hosts, true, effort.Of(300)));
            batch.Add([$"{roundTrip} ms", .. took.Select(one => Spread.Of(one).In("s", "0.00"))]);
        }

        if (OperatingSystem.IsLinux())
            await MeasureCostAsync(section, new Reached(sshd, sshd.Port), effort);
        section.Notes.Add("The hosts, their sshd and the agents use the same processors as the caller, so starts cost more here than on hosts of their own. A link with a round trip delays every byte by half of it, and a connection by one.");
        return section;
    }

    private static async Task MeasureStartsAsync(Table table, string roundTrip, Reached hosts, int rounds)
    {
        (string Over, Func<Task<double[]>> Measure)[] ways =
        [
            ("plain ssh", () => Task.Run(hosts.StartPlain)),
            ("pool, a connection each", () => StartAsync(hosts, isShared: false)),
            ("pool, a shared connection", () => StartAsync(hosts, isShared: true)),
        ];
        var figures = ways.Select(_ => new List<double[]>()).ToArray();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < ways.Length; i++)
                figures[(round + i) % ways.Length].Add(await ways[(round + i) % ways.Length].Measure());
        }

        for (int i = 0; i < ways.Length; i++)
            table.Add([roundTrip, ways[i].Over, .. Enumerable.Range(0, 3).Select(figure => Spread.Of(figures[i].Select(one => one[figure])).In("ms", figure == 2 ? "0.0" : "0"))]);
    }

    /// <summary>The first agent needs the keeper too, and none starts before it is asked for.</summary>
    private static async Task<double[]> StartAsync(Reached hosts, bool isShared)
    {
        await using AgentPool pool = hosts.NewPool(isShared, ["a"], size: 2, warm: 0);
        var watch = Stopwatch.StartNew();
        AgentLease first = await pool.RentAsync(pool.DefaultSpec, CancellationToken.None);
        double firstMs = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        AgentLease next = await pool.RentAsync(pool.DefaultSpec, CancellationToken.None);
        double nextMs = watch.Elapsed.TotalMilliseconds;
        first.Return();
        next.Return();
        await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
        return [firstMs, nextMs, await Timing.MedianOfAsync(Turns, () => pool.PromptAsync(new PromptRequest { Prompt = "hello" }))];
    }

    private static async Task<double> RunBatchAsync(Reached hosts, bool isShared, int prompts)
    {
        await using AgentPool pool = hosts.NewPool(isShared, Names, size: 2);
        await WarmAsync(pool, 6);
        int left = prompts;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
        }));
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task MeasureCostAsync(Section section, Reached hosts, Effort effort)
    {
        Table table = section.AddTable("What agents on one host cost this machine: the ssh of each agent and of the keeper", "agents", "all ready, a connection each", "ssh memory", "all ready, a shared connection", "ssh memory");
        foreach (int agents in effort.IsQuick ? [1, 4] : (int[])[1, 2, 4, 8, 16])
        {
            List<string> cells = [$"{agents}"];
            foreach (bool isShared in (bool[])[false, true])
            {
                await using AgentPool pool = hosts.NewPool(isShared, ["a"], agents);
                var watch = Stopwatch.StartNew();
                await WarmAsync(pool, agents);
                cells.Add(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0.0} s"));
                (int count, double megabytes) = SshMemory.Read();
                cells.Add(string.Create(CultureInfo.InvariantCulture, $"{megabytes:0.0} MB in {count} processes"));
            }

            table.Add([.. cells]);
        }
    }

    private static async Task WarmAsync(AgentPool pool, int agents)
    {
        await pool.WarmAsync();
        while (pool.GetStatistics().IdleCount < agents)
            await Task.Delay(5);
    }

    /// <summary>Names that lead to one sshd, through one port.</summary>
    private sealed class Reached(LoopbackSshd sshd, int port)
    {
        private static readonly AgentSpec Agent = AgentProgram.Instant.Spec;

        // A login has another environment than this process.
        private static readonly string? Runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT");

        private readonly string _ssh = LoopbackSshd.Find("ssh")!;

        public AgentPool NewPool(bool isShared, IEnumerable<string> names, int size, int? warm = null)
        {
            ImmutableSortedDictionary<string, string?> environment = Runtime is null ? AgentSpec.NoEnvironment : AgentSpec.NoEnvironment.Add("DOTNET_ROOT", Runtime);
            var options = new PoolOptions
            {
                MinSize = warm ?? size,
                MaxSize = size,
                MaxUses = 0,
                MaxStarting = 4,
                SweepInterval = TimeSpan.FromHours(1),
                Hosts = new HostList(names.Select(name => new AgentHost { Name = name, Prefix = Prefix(name), SharesConnection = isShared })),
            };
            var agent = new AgentSpec { Executable = Agent.Executable, Arguments = Agent.Arguments, WorkingDirectory = Agent.WorkingDirectory, Environment = environment };
            return new AgentPool(options, agent);
        }

        public double[] StartPlain()
        {
            var watch = Stopwatch.StartNew();
            using BareAgent first = Plain();
            double firstMs = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            using BareAgent next = Plain();
            double nextMs = watch.Elapsed.TotalMilliseconds;
            first.Prompt("hello");
            return [firstMs, nextMs, Timing.MedianOf(Turns, () => first.Prompt("hello"))];
        }

        public double SplitPlain(int prompts)
        {
            BareAgent[] agents = [.. Enumerable.Range(0, 6).Select(_ => Plain())];
            var watch = Stopwatch.StartNew();
            Thread[] threads = [.. agents.Select(agent => new Thread(() =>
            {
                for (int i = 0; i < prompts / agents.Length; i++)
                    agent.Prompt("hello");
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            double seconds = watch.Elapsed.TotalSeconds;
            foreach (BareAgent agent in agents)
                agent.Dispose();
            return seconds;
        }

        private BareAgent Plain()
        {
            CommandPrefix prefix = Prefix("plain");
            string command = $"exec env {(Runtime is null ? "" : $"DOTNET_ROOT='{Runtime}' ")}'{Agent.Executable}' {string.Join(' ', Agent.Arguments)}";
            return new BareAgent(new AgentProgram(prefix.Program, [.. prefix.Arguments, command]));
        }

        private CommandPrefix Prefix(string name) =>
            new SshHost { HostName = name, Port = port, KeyFilePath = sshd.KeyFile, Options = sshd.Options }.ToPrefix(_ssh, TimeSpan.FromSeconds(30));
    }
}
