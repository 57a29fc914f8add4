using System.Diagnostics;

namespace KiroPool.Benchmarks.Running;

/// <summary>The median time of something done over and over, in milliseconds.</summary>
internal static class Timing
{
    public static double MedianOf(int times, Action act)
    {
        double[] took = new double[times];
        for (int i = 0; i < times; i++)
        {
            long began = Stopwatch.GetTimestamp();
            act();
            took[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        return Spread.MedianOf(took);
    }

    public static async Task<double> MedianOfAsync(int times, Func<Task> act)
    {
        double[] took = new double[times];
        for (int i = 0; i < times; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await act();
            took[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        return Spread.MedianOf(took);
    }
}
