using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KiroPool.Benchmarks.Agents;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>The programs of the host processes. Each prints its figures as one JSON object.</summary>
internal static class HostPrograms
{
    public const string Import = "import";
    public const string FirstPrompt = "first-prompt";
    public const string FirstPromptBare = "first-prompt-bare";
    public const string Eight = "eight-agents";
    public const string Without = "without-pool";
    public const string Flat = "flat";
    public const string Million = "million";
    public const string Crowd = "crowd";

    public static async Task<int> RunAsync(string host, string[] arguments)
    {
        Dictionary<string, double> figures = host switch
        {
            Import => ImportModule(arguments[0]),
            FirstPrompt => await RunFirstPromptAsync(AgentProgram.FromArguments(arguments)),
            FirstPromptBare => RunFirstPromptBare(AgentProgram.FromArguments(arguments)),
            Eight => HoldEightAgents(),
            Without => HoldNothing(),
            Flat => await RunManyTurnsAsync(Number(arguments[0])),
            Crowd => await Hosts.Crowd.RunAsync(Number(arguments[0]), AgentProgram.FromArguments(arguments[1..])),
            Million => PipeMany(Number(arguments[0])),
            _ => throw new ArgumentException($"There is no host program '{host}'."),
        };
        Console.WriteLine(JsonSerializer.Serialize(figures));
        return 0;
    }

    private static Dictionary<string, double> ImportModule(string module)
    {
        using var shell = new ModuleShell(import: false);
        shell.Run("$null = Get-Module");
        var watch = Stopwatch.StartNew();
        shell.Run("Import-Module $args[0]", module);
        return new() { ["ms"] = watch.Elapsed.TotalMilliseconds };
    }

    /// <summary>A first prompt: guardian, agent, handshake, session, prompt, and all code for the first time.</summary>
    private static async Task<Dictionary<string, double>> RunFirstPromptAsync(AgentProgram agent)
    {
        var watch = Stopwatch.StartNew();
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0, MaxSize = 1 }, agent.Spec);
        await pool.PromptAsync(new PromptRequest { Prompt = "hello" });
        return new() { ["ms"] = watch.Elapsed.TotalMilliseconds };
    }

    private static Dictionary<string, double> RunFirstPromptBare(AgentProgram agent)
    {
        var watch = Stopwatch.StartNew();
        using var bare = new BareAgent(agent);
        bare.LastPrompt("hello");
        return new() { ["ms"] = watch.Elapsed.TotalMilliseconds };
    }

    private static Dictionary<string, double> HoldEightAgents()
    {
        using var shell = new ModuleShell();
        shell.StartPool(AgentProgram.Instant, 8);
        shell.Run("foreach ($i in 1..100) { $null = 1..8 | Invoke-KiroPrompt }");
        return ReadMemory();
    }

    private static Dictionary<string, double> HoldNothing()
    {
        using var shell = new ModuleShell();
        shell.Run("foreach ($i in 1..100) { $null = 1..8 | ForEach-Object { \"answer $_\" } }");
        return ReadMemory();
    }

    private static Dictionary<string, double> ReadMemory()
    {
        Thread.Sleep(1000);
        return new() { ["asItIs"] = OwnMemory.Read(), ["collected"] = OwnMemory.ReadCollected(), ["managed"] = OwnMemory.ReadManaged() };
    }

    /// <summary>Two callers, two agents. The first third allocates everything permanent: compiled code, buffers, windows.</summary>
    private static async Task<Dictionary<string, double>> RunManyTurnsAsync(int turns)
    {
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0, MaxSize = 2, MaxUses = 0 }, AgentProgram.Instant.Spec);
        string prompt = new TurnShape(4, 1024).ToString();
        await RunAsync(turns / 3);
        (double managed, double own) = (OwnMemory.ReadManaged(), OwnMemory.ReadCollected());
        var watch = Stopwatch.StartNew();
        await RunAsync(turns);
        double seconds = watch.Elapsed.TotalSeconds;
        return new() { ["managedGrowth"] = OwnMemory.ReadManaged() - managed, ["ownGrowth"] = OwnMemory.ReadCollected() - own, ["turnsPerSecond"] = turns / seconds };

        Task RunAsync(int count) => Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            for (int i = 0; i < count / 2; i++)
                await pool.PromptAsync(new PromptRequest { Prompt = prompt });
        }));
    }

    /// <summary>One invocation with very many inputs, whose results are not kept.</summary>
    private static Dictionary<string, double> PipeMany(int inputs)
    {
        using var shell = new ModuleShell();
        var pool = new PoolInfo(InProcessAgents.MakePool(4));
        List<double> samples = [];
        Func<double> sample = () =>
        {
            samples.Add(OwnMemory.ReadManaged());
            return 0;
        };
        const string Script =
            """
            param($Pool, $Count, $Sample)
            $every = [math]::Max(1, [int]($Count / 4))
            & { for ($i = 0; $i -lt $Count; $i++) { $i } } | Invoke-KiroPrompt -Pool $Pool | & { process { if ($_.Index % $every -eq 0) { $null = $Sample.Invoke() } } }
            """;
        shell.Run(Script, pool, Math.Min(inputs, 10_000), sample);
        samples.Clear();
        var watch = Stopwatch.StartNew();
        shell.Run(Script, pool, inputs, sample);
        double seconds = watch.Elapsed.TotalSeconds;
        pool.Pool.StopAsync(PoolStopMode.Kill).Wait();
        return new() { ["first"] = samples[0], ["last"] = samples[^1], ["most"] = samples.Max(), ["perSecond"] = inputs / seconds };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
