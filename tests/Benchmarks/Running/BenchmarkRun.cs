using System.Diagnostics;
using System.Globalization;
using KiroPool.Benchmarks.Topics;

namespace KiroPool.Benchmarks.Running;

/// <summary>Runs the requested topics, prints their results, and writes them to the page unless the run is quick.</summary>
internal static class BenchmarkRun
{
    private static readonly Benchmark[] All =
    [
        new WarmTurns(), new AnswersAsObjects(), new Forks(), new RentAndReturn(), new Scale(), new Memory(), new Starts(), new Crowds(), new Cancels(), new RealAgent(), new Batches(), new FarHosts(),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        string[] flags = [.. arguments.Where(a => a.StartsWith('-'))];
        string[] filters = [.. arguments.Except(flags)];
        Benchmark[] asked = [.. All.Where(b => filters.Length == 0 || filters.Any(f => b.Name.Contains(f, StringComparison.OrdinalIgnoreCase)))];
        if (flags.Except(["--quick", "--list"]).Any() || asked.Length == 0)
        {
            Console.Error.WriteLine($"usage: dotnet run -c Release --project tests/Benchmarks [-- [--quick] [--list] filter…]\ntopics: {Names(All)}");
            return 2;
        }

        if (flags.Contains("--list"))
        {
            Console.WriteLine(Names(asked));
            return 0;
        }

        Effort effort = flags.Contains("--quick") ? Effort.Quick : Effort.Full;
        string measured = Machine.Describe(effort);
        List<Budget> budgets = [];
        var watch = Stopwatch.StartNew();
        foreach (Benchmark benchmark in asked)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"## {benchmark.Name} (after {watch.Elapsed.TotalSeconds:0} s)\n"));
            Section section = await benchmark.RunAsync(effort);
            budgets.AddRange(section.Budgets);
            string markdown = Page.ToMarkdown(section, measured);
            Console.WriteLine(markdown);
            if (!effort.IsQuick)
                Page.Replace(benchmark.Name, markdown);
        }

        // Only a full run can update the table of all budgets.
        if (!effort.IsQuick && asked.Length == All.Length)
            Page.Replace("budgets", Page.ToMarkdown(budgets) + "\n" + measured + "\n");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{budgets.Count(b => b.IsMet)} of {budgets.Count} budgets met, {watch.Elapsed.TotalSeconds:0} s"));
        return 0;
    }

    private static string Names(IEnumerable<Benchmark> benchmarks) => string.Join(", ", benchmarks.Select(b => b.Name));
}
