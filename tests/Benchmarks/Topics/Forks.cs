using System.Globalization;
using System.Text.Json;
using KiroPool.Benchmarks.Agents;
using KiroPool.Benchmarks.Hosts;
using KiroPool.Benchmarks.Running;

namespace KiroPool.Benchmarks.Topics;

/// <summary>Many questions about one context: as forks of a conversation that has read it once, and with the context in each prompt.</summary>
internal sealed class Forks : Benchmark
{
    private const int Width = 4;
    private const int ContextBytes = 100 * 1024;

    // The simulator takes this long to read the context, and to answer a question.
    private const int ReadMs = 2000;
    private const int TurnMs = 100;

    private const string ByForks =
        """
        param($Agent, $Width, $Context, $Count)
        $null = Start-KiroPool @Agent -MaxSize $Width -MaxStarting $Width -NoWait
        $null = Invoke-KiroPrompt $Context -Session primed
        1..$Count | ForEach-Object { "question $_" } | Invoke-KiroPrompt -Session primed -Fork -ThrottleLimit $Width
        Stop-KiroPool -Force -Confirm:$false
        """;

    private const string ByContext =
        """
        param($Agent, $Width, $Context, $Count)
        $null = Start-KiroPool @Agent -MaxSize $Width -MaxStarting $Width -NoWait
        1..$Count | ForEach-Object { "$Context question $_" } | Invoke-KiroPrompt -ThrottleLimit $Width
        Stop-KiroPool -Force -Confirm:$false
        """;

    public override string Name => "forks";

    public override async Task<Section> RunAsync(Effort effort)
    {
        var section = new Section();
        Table table = section.AddTable(
            $"Questions about a context of {ContextBytes / 1024} kB, {Width} wide, from nothing to the last answer (simulator, V3)",
            "questions", "context in each prompt", "one conversation, -Fork", "sent with the context in each", "sent with -Fork");
        using var shell = new ModuleShell();
        string context = $"[[sleep {ReadMs / effort.Scale}]] {new string('x', ContextBytes)}";
        foreach (int count in (int[])[1, 10, 50])
        {
            var sent = new double[2];
            double[][] figures = await Rounds.RunAsync(
                effort.IsQuick ? 1 : 3,
                () => Task.FromResult(Run(shell, ByContext, context, count, effort.Scale, out sent[0])),
                () => Task.FromResult(Run(shell, ByForks, context, count, effort.Scale, out sent[1])));
            table.Add(
                count.ToString(CultureInfo.InvariantCulture),
                Spread.Of(figures[0]).In("s", "0.00"),
                Spread.Of(figures[1]).In("s", "0.00"),
                Kilobytes(sent[0]),
                Kilobytes(sent[1]));
        }

        section.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"The simulator takes {ReadMs / 1000.0} s for a prompt with the context and {TurnMs / 1000.0} s for a question. What is sent is the text of all prompts, from the log of the agents. The simulator reports the same tokens for every turn, so none are compared: what a model service charges for a fork depends on its cache."));
        return section;
    }

    private static string Kilobytes(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:N0} kB");

    private static int LengthOfPrompt(string line)
    {
        using JsonDocument logged = JsonDocument.Parse(line);
        return logged.RootElement.GetProperty("event").ValueEquals("prompt") ? logged.RootElement.GetProperty("text").GetString()!.Length : 0;
    }

    /// <returns>Seconds to the last result.</returns>
    private static double Run(ModuleShell shell, string script, string context, int count, int scale, out double sent)
    {
        string log = Path.Combine(Path.GetTempPath(), $"kiropool-forks-{Guid.NewGuid():N}.jsonl");
        try
        {
            var agent = new AgentProgram(Repository.Simulator, ["acp", "--auth-method", "cli"], JsonSerializer.Serialize(new { engine = "v3", turnMs = TurnMs / scale, log }));
            (double[] stamps, _) = shell.Stamp(script, agent.Parameters, Width, context, count);
            sent = File.ReadLines(log).Sum(LengthOfPrompt);
            return stamps.Length == count ? stamps[^1] / 1000 : throw new InvalidOperationException($"{stamps.Length} results for {count} prompts.");
        }
        finally
        {
            File.Delete(log);
        }
    }
}
