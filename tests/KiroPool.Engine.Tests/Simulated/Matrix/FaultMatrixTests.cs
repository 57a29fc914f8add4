using System.Collections.Concurrent;
using System.Globalization;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.Matrix;

/// <summary>
/// Every fault at every stage. Each cell has a seed, which the message of a failure begins with;
/// <c>KIROPOOL_SEED</c> runs that one alone.
/// </summary>
[Long]
public sealed class FaultMatrixTests(ITestOutputHelper output)
{
    // Cells mostly wait, but more of them at once, of all faults together, would delay each other.
    private static readonly SemaphoreSlim Places = new(Math.Max(3, Environment.ProcessorCount));

    private static readonly int? OnlySeed =
        int.TryParse(Environment.GetEnvironmentVariable("KIROPOOL_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : null;

    // Once through all cells is 448 seeds and about 2,400 prompts. The usual run plays every fault at every stage with one
    // engine in a pool of one and with the other in a pool of three, in turn.
    private static readonly IReadOnlyList<Cell> Cells = Seeds.IsFullRun || OnlySeed is not null
        ? FaultMatrix.Cells(5)
        : [.. FaultMatrix.Cells(1).Where(cell => (cell.Seed - 1) / 4 % 2 == ((cell.Seed - 1) / 2 + cell.Seed - 1) % 2)];

    public static TheoryData<string> Faults => [.. FaultMatrix.Faults];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_at_any_stage_loses_repeats_delays_and_leaves_nothing(string fault)
    {
        Cell[] cells = [.. Cells.Where(cell => cell.Fault == fault && (OnlySeed is null || cell.Seed == OnlySeed))];
        using var lateness = new MachineLateness();
        var failures = new ConcurrentBag<string>();
        var runs = new ConcurrentBag<CellRun>();
        await Task.WhenAll(cells.Select(RunAsync));

        output.WriteLine($"{fault}: {cells.Length} seeds, {runs.Sum(r => r.PromptCount)} prompts, the slowest cell {runs.Select(r => r.Took.TotalSeconds).DefaultIfEmpty().Max():0.0} s, the machine up to {lateness.Worst.TotalMilliseconds:0} ms late");
        Assert.True(failures.IsEmpty, $"{failures.Count} of {cells.Length} cells:{Environment.NewLine}{string.Join(Environment.NewLine, failures)}");

        async Task RunAsync(Cell cell)
        {
            await Places.WaitAsync(TestContext.Current.CancellationToken);
            var run = new CellRun(cell, lateness);
            runs.Add(run);
            try
            {
                await run.RunAsync();
            }
            catch (InvalidOperationException e)
            {
                failures.Add(e.Message);
            }
            finally
            {
                Places.Release();
            }
        }
    }
}
