using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KiroPool.Testing;

/// <summary>Waits for an event that must happen. The limit only keeps a broken test from hanging.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition is true.</summary>
    public static async Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var watch = Stopwatch.StartNew();
        for (int round = 0; !condition(); round++)
        {
            if (watch.Elapsed > Limit)
                Assert.Fail($"Not within {Limit.TotalSeconds} s: {what}");

            // The awaited work is usually queued to the thread pool already.
            if (round < 50)
                await Task.Yield();
            else
                await Task.Delay(1);
        }
    }

    /// <summary>Blocks until a condition is true.</summary>
    public static void Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        Assert.True(HoldsWithin(Limit, condition), $"Not within {Limit.TotalSeconds} s: {what}");

    /// <summary>Blocks until a condition is true, and returns false if it is not within the limit.</summary>
    public static bool HoldsWithin(TimeSpan limit, Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > limit)
                return false;
            Thread.Sleep(2);
        }

        return true;
    }

    extension(Task task)
    {
        /// <summary>Awaits the task with a limit.</summary>
        public Task InTime() => task.WaitAsync(Limit);
    }

    extension<T>(Task<T> task)
    {
        /// <summary>Awaits the task with a limit.</summary>
        public Task<T> InTime() => task.WaitAsync(Limit);
    }
}
