using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Topics;

/// <summary>The cost of checking an answer by a schema and of making objects of it, beside the same batch without a schema.</summary>
internal sealed class AnswersAsObjects : Benchmark
{
    private const string Plain = "$args[0] | Invoke-KiroPrompt";

    private const string BySchema = Plain + " -Schema @{ findings = @(@{ severity = 'low', 'high', 'fatal'; summary = [string]; hosts = @([string]) }) }";

    public override string Name => "schema";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table table = section.AddTable(
            "Answers as objects, per item, one after the other on one agent (instant agent)",
            "answer", "without a schema", "-Schema", "-Schema over without", "-Schema -Expand", "-Expand over without");
        using var shell = new ModuleShell();
        shell.StartPool(AgentProgram.Instant, 1);
        foreach ((string name, int bytes) in new[] { ("1 kB", 1024), ("100 kB", 100 * 1024) })
        {
            string prompt = JsonAnswer.PromptFor(bytes);
            int turns = effort.Of(bytes > 10_000 ? 100 : 1000);
            Func<Task<double>> plain = () => Task.FromResult(shell.MedianItem(Plain, prompt, turns));
            Func<Task<double>> schema = () => Task.FromResult(shell.MedianItem(BySchema, prompt, turns));
            Func<Task<double>> expand = () => Task.FromResult(shell.MedianItem(BySchema + " -Expand", prompt, turns));

            // Two warm-up runs: one compiles the code, one runs the optimised code.
            await Rounds.RunAsync(2, plain, schema, expand);
            double[][] figures = await Rounds.RunAsync(effort.Rounds, plain, schema, expand);
            table.Add(
                name,
                Spread.Of(figures[0]).In("ms"),
                Spread.Of(figures[1]).In("ms"),
                Rounds.Difference(figures[1], figures[0]).In("ms"),
                Spread.Of(figures[2]).In("ms"),
                Rounds.Difference(figures[2], figures[0]).In("ms"));
        }

        return section;
    }
}
