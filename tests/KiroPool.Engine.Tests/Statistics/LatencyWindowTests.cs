using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Tests.Statistics;

public sealed class LatencyWindowTests
{
    [Fact]
    public void Without_durations_there_is_no_percentile() => Assert.Equal([null, null], new LatencyWindow().Percentiles(0.5, 0.99));

    [Fact]
    public void One_duration_is_every_percentile() => Assert.Equal([Ms(7), Ms(7), Ms(7)], Of(7).Percentiles(0, 0.5, 1));

    [Fact]
    public void A_percentile_is_the_nearest_rank() =>
        Assert.Equal([Ms(50), Ms(95), Ms(99), Ms(100)], Of([.. Enumerable.Range(1, 100).Reverse()]).Percentiles(0.5, 0.95, 0.99, 1));

    [Fact]
    public void Only_the_last_durations_count()
    {
        LatencyWindow window = Of([.. Enumerable.Repeat(1000, LatencyWindow.Capacity)]);
        for (int i = 0; i < LatencyWindow.Capacity; i++)
            window.Add(Ms(1));

        Assert.Equal([Ms(1)], window.Percentiles(1));
    }

    [Fact]
    public void The_newest_duration_replaces_the_oldest()
    {
        LatencyWindow window = Of([.. Enumerable.Range(0, LatencyWindow.Capacity)]);

        window.Add(Ms(5000));

        Assert.Equal([Ms(1), Ms(5000)], window.Percentiles(0, 1));
    }

    private static LatencyWindow Of(params int[] milliseconds)
    {
        var window = new LatencyWindow();
        foreach (int value in milliseconds)
            window.Add(Ms(value));
        return window;
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
