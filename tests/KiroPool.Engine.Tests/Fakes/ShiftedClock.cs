using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Fakes;

/// <summary>A clock whose time of day can be set. Its timestamps go on evenly, as those of a machine do.</summary>
internal sealed class ShiftedClock(FakeTimeProvider clock) : TimeProvider
{
    /// <summary>How far the time of day was set forward.</summary>
    public TimeSpan Shift { get; set; }

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Shift;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
