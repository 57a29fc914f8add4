using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>Waits for what must happen anyway; the limit only keeps a broken test from hanging.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds.</summary>
    public static async Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var watch = Stopwatch.StartNew();
        for (int round = 0; !condition(); round++)
        {
            if (watch.Elapsed > Limit)
                Assert.Fail($"Not within {Limit.TotalSeconds} s: {what}");

            // What is waited for is mostly already queued to the thread pool.
            if (round < 50)
                await Task.Yield();
            else
                await Task.Delay(1);
        }
    }

    extension(Task task)
    {
        /// <summary>The task, but not for ever.</summary>
        public Task InTime() => task.WaitAsync(Limit);
    }

    extension<T>(Task<T> task)
    {
        /// <summary>The task, but not for ever.</summary>
        public Task<T> InTime() => task.WaitAsync(Limit);
    }
}
