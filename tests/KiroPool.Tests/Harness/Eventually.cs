using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KiroPool.Tests.Harness;

/// <summary>Waits for an event that must happen. The limit only keeps a broken test from hanging.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition is true.</summary>
    public static void Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        Assert.True(HoldsWithin(Limit, condition), $"Not within {Limit.TotalSeconds} s: {what}");

    /// <summary>Whether a condition becomes true within a time.</summary>
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
}
