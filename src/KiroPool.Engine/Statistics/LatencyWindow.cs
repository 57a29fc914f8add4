namespace KiroPool.Engine.Statistics;

/// <summary>The latest durations, for percentiles. Its owner guards it.</summary>
internal sealed class LatencyWindow
{
    /// <summary>The number of durations that are kept.</summary>
    public const int Capacity = 1024;

    private readonly TimeSpan[] _ring = new TimeSpan[Capacity];
    private long _count;

    public void Add(TimeSpan value) => _ring[_count++ % Capacity] = value;

    /// <summary>The value that a share of the durations does not exceed (nearest rank); null without durations.</summary>
    /// <param name="shares">Ascending, 0 to 1.</param>
    public TimeSpan?[] Percentiles(params double[] shares)
    {
        int count = (int)Math.Min(_count, Capacity);
        TimeSpan[] sorted = _ring[..count];
        Array.Sort(sorted);
        return [.. shares.Select(share => count == 0 ? (TimeSpan?)null : sorted[Math.Clamp((int)Math.Ceiling(share * count) - 1, 0, count - 1)])];
    }
}
