using System.Diagnostics;

namespace KiroPool.Benchmarks.Rivals;

/// <summary>Runs prompts in parallel lanes, each on its own thread.</summary>
internal static class Lanes
{
    /// <returns>The seconds until the last one is done.</returns>
    public static Task<double> RunAsync(int prompts, int width, Action<int> run) => RunAsync(prompts, width, () => 0, (_, i) => run(i), _ => { });

    /// <summary>The same with a resource that each lane starts first. It is disposed after the time is taken.</summary>
    public static async Task<double> RunAsync<T>(int prompts, int width, Func<T> start, Action<T, int> run, Action<T> end)
    {
        int next = -1;
        var watch = Stopwatch.StartNew();
        T[] lanes = await Task.WhenAll(Enumerable.Range(0, width).Select(_ => Task.Factory.StartNew(
            () =>
            {
                T lane = start();
                for (int i = Interlocked.Increment(ref next); i < prompts; i = Interlocked.Increment(ref next))
                    run(lane, i);
                return lane;
            },
            TaskCreationOptions.LongRunning)));
        double seconds = watch.Elapsed.TotalSeconds;
        foreach (T lane in lanes)
            end(lane);
        return seconds;
    }
}
