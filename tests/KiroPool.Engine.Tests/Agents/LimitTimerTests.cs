using KiroPool.Engine.Agents;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Agents;

public sealed class LimitTimerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly LimitTimer _timer;
    private int _passed;

    public LimitTimerTests() => _timer = new LimitTimer(_clock, () => _passed++);

    [Fact]
    public void A_limit_that_is_found_in_time_has_passed()
    {
        _timer.Start(Limit);
        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _passed);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _passed);
    }

    [Fact]
    public void A_busy_machine_is_no_pause()
    {
        _timer.Start(Limit);
        _clock.Advance(Limit + TimeSpan.FromMilliseconds(200));

        Assert.Equal(1, _passed);
    }

    [Fact]
    public void A_limit_that_is_found_late_is_set_again_for_as_long_as_it_was_late()
    {
        _timer.Start(Limit);
        _clock.Advance(Limit + TimeSpan.FromSeconds(4));
        Assert.Equal(0, _passed);

        _clock.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Equal(0, _passed);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, _passed);
    }

    [Fact]
    public void After_a_long_pause_it_is_set_again_for_no_longer_than_itself()
    {
        _timer.Start(Limit);
        _clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal(0, _passed);

        _clock.Advance(Limit);
        Assert.Equal(1, _passed);
    }

    [Fact]
    public void A_short_limit_gets_time_to_read_all_the_same()
    {
        _timer.Start(TimeSpan.FromMilliseconds(50));
        _clock.Advance(TimeSpan.FromHours(8));
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(0, _passed);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _passed);
    }

    [Fact]
    public void A_timer_that_was_stopped_during_the_second_chance_does_not_pass()
    {
        _timer.Start(Limit);
        _clock.Advance(TimeSpan.FromHours(8));
        _timer.Stop();
        _clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal(0, _passed);

        _timer.Start(Limit);
        _clock.Advance(Limit);
        Assert.Equal(1, _passed);
    }

    [Fact]
    public async Task A_task_that_is_done_after_a_pause_is_done()
    {
        var task = new TaskCompletionSource();
        Task wait = HostPause.WaitAsync(task.Task, Limit, _clock);
        _clock.Advance(TimeSpan.FromHours(8));
        task.SetResult();

        await wait.InTime();
    }

    [Fact]
    public async Task A_task_that_is_not_done_after_a_pause_and_its_limit_has_timed_out()
    {
        Task wait = HostPause.WaitAsync(new TaskCompletionSource().Task, Limit, _clock);
        _clock.Advance(TimeSpan.FromHours(8));

        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return wait.IsCompleted;
        });
        await Assert.ThrowsAsync<TimeoutException>(() => wait);
    }

    /// <summary>Every timer of a process whose threads are all busy is late, also the one of a limit that was set once more.</summary>
    [Fact]
    public void A_limit_whose_timer_is_always_late_passes_after_five_times()
    {
        _timer.Start(Limit);
        for (int times = 0; times <= 5; times++)
        {
            Assert.Equal(0, _passed);
            _clock.Advance(Limit + TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, _passed);
    }

    [Fact]
    public async Task A_wait_whose_timer_is_always_late_times_out()
    {
        var clock = new LateClock(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => HostPause.WaitAsync(new TaskCompletionSource().Task, Limit, clock)).InTime();

        Assert.Equal(6, clock.Fired);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A clock whose timers fire as soon as they are set, always late by the same time.</summary>
    private sealed class LateClock(TimeSpan late) : TimeProvider
    {
        private TimeSpan _now;

        public int Fired { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            // A wait that is never over would go round for ever.
            if (++Fired > 100)
                throw new InvalidOperationException("The limit was set again a hundred times.");
            _now += dueTime + late;
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
