using KiroPool.Pipeline;

namespace KiroPool.Tests.Pipeline;

/// <summary>Waiting until the clock shows a time.</summary>
public sealed class PastTimeTests
{
    [Fact]
    public async Task No_wait_ends_before_its_time()
    {
        TimeSpan[] early = await Task.WhenAll(Enumerable.Range(1, 200).Select(MeasureAsync));

        Assert.All(early, left => Assert.True(left <= TimeSpan.Zero, $"The wait ended {left.TotalMilliseconds} ms too early."));

        static async Task<TimeSpan> MeasureAsync(int number)
        {
            DateTimeOffset time = DateTimeOffset.UtcNow + TimeSpan.FromMicroseconds((number * 100) + 990);
            await PastTime.WaitAsync(time, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            return time - DateTimeOffset.UtcNow;
        }
    }

    [Fact]
    public async Task The_wait_has_a_limit_of_its_own() =>
        await PastTime.WaitAsync(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task wait = PastTime.WaitAsync(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromDays(1), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }
}
