using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Pooling;

/// <summary>The machine's clock is set while a pool lives: no age, no idle time and no limit changes with it.</summary>
public sealed class ShiftedClockTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ShiftedClock _clock;
    private readonly FakeConnector _connector = new();
    private readonly AgentPool _pool;

    public ShiftedClockTests()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(5), "here", "here"));
        _clock = new ShiftedClock(_time);
        var options = new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromMinutes(5), MaxAge = TimeSpan.FromHours(6), Jitter = 0 };
        _pool = new AgentPool(options, PoolBench.Key("a"), _ => _connector, _clock, new Random(1));
    }

    public async ValueTask DisposeAsync()
    {
        _connector.OpenGates();
        await _pool.StopAsync(PoolStopMode.Kill).InTime();
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-2)]
    [InlineData(24 * 400)]
    public async Task An_idle_agent_ends_after_its_idle_time_whatever_the_clock_says(int hours)
    {
        await MakeIdleAsync();
        _clock.Shift = TimeSpan.FromHours(hours);

        await AdvanceAsync(TimeSpan.FromMinutes(4.5));
        Assert.Equal((1, 0), (_pool.GetStatistics().IdleCount, _pool.GetStatistics().ProcessesRecycled));

        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync(() => _pool.GetStatistics().Processes.Count == 0);
        Assert.Equal(1, _pool.GetStatistics().EndedBy["Idle"]);
    }

    [Fact]
    public async Task An_agent_that_is_used_all_the_time_is_as_old_as_it_is()
    {
        await MakeIdleAsync();
        _clock.Shift = TimeSpan.FromHours(7);
        for (int i = 0; i < 30; i++)
        {
            await AdvanceAsync(TimeSpan.FromMinutes(4));
            await MakeIdleAsync();
        }

        Assert.Equal((1, 0), (_pool.GetStatistics().ProcessesCreated, _pool.GetStatistics().ProcessesRecycled));
    }

    [Fact]
    public async Task What_is_shown_is_local_time_as_the_clock_has_it()
    {
        await MakeIdleAsync();

        PoolProcess process = Assert.Single(_pool.GetStatistics().Processes);
        Assert.Equal((TimeSpan.FromHours(5), TimeSpan.FromHours(5)), (process.CreatedAt.Offset, process.LastUsed.Offset));
        Assert.Equal(_time.GetUtcNow(), process.CreatedAt);
    }

    private async Task MakeIdleAsync() => (await _pool.RentAsync(PoolBench.Key("a"), CancellationToken.None).AsTask().InTime()).Return();

    /// <summary>Moves the time by sweeps.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        for (TimeSpan left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(30))
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await Eventually.HoldsAsync(() => _pool.GetStatistics() is { StartingCount: 0, StoppingCount: 0 });
        }
    }
}
