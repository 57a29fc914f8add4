using KiroPool.Engine.Agents;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Agents;

public sealed class StepLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Without_a_turn_the_limit_starts_at_once()
    {
        using var limit = new StepLimit(Limit, turn: null, _clock, CancellationToken.None);

        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(limit.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(limit.HasPassed && limit.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task During_a_turn_the_limit_starts_when_the_turn_has_ended()
    {
        var turn = new TaskCompletionSource();
        using var limit = new StepLimit(Limit, turn.Task, _clock, CancellationToken.None);

        _clock.Advance(Limit * 5);
        turn.SetResult();
        Assert.False(limit.HasPassed);

        // The end of the turn may be reported on another thread.
        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(Limit);
            return limit.HasPassed;
        });
    }

    [Fact]
    public void A_step_that_ends_before_the_turn_has_no_limit()
    {
        var turn = new TaskCompletionSource();
        var limit = new StepLimit(Limit, turn.Task, _clock, CancellationToken.None);
        limit.Dispose();

        turn.SetResult();
        _clock.Advance(Limit * 2);

        Assert.False(limit.HasPassed);
    }

    [Fact]
    public async Task A_cancel_of_the_caller_is_not_a_timeout()
    {
        using var caller = new CancellationTokenSource();
        using var limit = new StepLimit(Limit, turn: null, _clock, caller.Token);

        await caller.CancelAsync();

        Assert.True(limit.Token.IsCancellationRequested);
        Assert.False(limit.HasPassed);
    }
}
