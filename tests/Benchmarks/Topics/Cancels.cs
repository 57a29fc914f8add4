using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Running;
using KiroPool.Engine;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Benchmarks.Topics;

/// <summary>The time until an agent receives a cancel, from its own log.</summary>
internal sealed class Cancels : Benchmark
{
    private const double Limit = 50;

    // A turn that ends by a cancel alone.
    private const string Prompt = "[[hang]]";

    public override string Name => "cancel";

    public override async Task<Section> RunAsync(Effort effort)
    {
        using var bareLog = new AgentLog();
        using var bare = new BareAgent(AgentProgram.Simulator(log: bareLog.Path));
        using var engineLog = new AgentLog();
        await using var pool = new AgentPool(new PoolOptions { MaxSize = 1, MaxUses = 0 }, AgentProgram.Simulator(log: engineLog.Path).Spec);

        int cancels = effort.Of(50);
        List<double> all = [];
        Func<Task<double>> floor = () => MedianOfAsync(cancels, () => Task.FromResult(Bare(bare, bareLog)), []);
        Func<Task<double>> engine = () => MedianOfAsync(cancels, () => EngineAsync(pool, engineLog), all);
        await Rounds.RunAsync(2, floor, engine);
        all.Clear();
        double[][] figures = await Rounds.RunAsync(effort.Rounds, floor, engine);

        var section = new Section();
        Table table = section.AddTable("From the cancel until the agent receives it (simulator)", "cancelled by", "takes");
        Spread told = Spread.Of(figures[1]);
        table.Add("the bare loop, by writing one line", Spread.Of(figures[0]).In("ms"));
        table.Add("a caller of the engine, by its token", told.In("ms"));
        table.Add("the engine over the bare loop", Rounds.Difference(figures[1], figures[0]).In("ms"));
        section.Notes.Add($"The slowest of {all.Count} cancels of the engine took {Spread.Text(all.Max(), "0.0")} ms.");
        section.Budgets.Add(new Budget("a cancel reaches the agent (simulator)", $"{Limit} ms", told.In("ms"), told.Median <= Limit));
        return section;
    }

    private static double Bare(BareAgent agent, AgentLog log)
    {
        DateTime asked = agent.CancelledPrompt(Prompt, () => log.Next("prompt"));
        return (log.Next("cancel") - asked).TotalMilliseconds;
    }

    private static async Task<double> EngineAsync(AgentPool pool, AgentLog log)
    {
        using var cancel = new CancellationTokenSource();
        Task<PromptResult> run = pool.PromptAsync(new PromptRequest { Prompt = Prompt }, cancel.Token);
        log.Next("prompt");
        DateTime asked = DateTime.UtcNow;
        await cancel.CancelAsync();
        DateTime told = log.Next("cancel");
        try
        {
            await run;
        }
        catch (PromptFailedException e) when (e.Result.Outcome == nameof(PromptOutcome.Cancelled))
        {
            // Expected.
        }

        return (told - asked).TotalMilliseconds;
    }

    private static async Task<double> MedianOfAsync(int times, Func<Task<double>> act, List<double> all)
    {
        double[] took = new double[times];
        for (int i = 0; i < times; i++)
            took[i] = await act();
        all.AddRange(took);
        return Spread.MedianOf(took);
    }
}
