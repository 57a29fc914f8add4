namespace KiroPool.Engine.Tests.Fakes;

/// <summary>The system's clock. A thread that sets a timer to one certain limit is held before.</summary>
internal sealed class HeldClock : TimeProvider
{
    public required TimeSpan Limit { get; init; }

    public required Action BeforeLimit { get; init; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HeldTimer(this, base.CreateTimer(callback, state, dueTime, period));

    private sealed class HeldTimer(HeldClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == clock.Limit)
                clock.BeforeLimit();
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
