using KiroPool.Interactive;

namespace KiroPool.Tests.Interactive;

public sealed class TurnEventsTests
{
    [Fact]
    public void An_event_posted_just_before_the_turn_is_over_is_not_lost()
    {
        using var events = new TurnEvents();
        bool TurnEnds()
        {
            events.Post("the last piece");
            return true;
        }

        Assert.Equal("the last piece", events.Next(TurnEnds, 0, out bool isOver));
        Assert.False(isOver);
        Assert.Null(events.Next(() => true, 0, out isOver));
        Assert.True(isOver);
    }

    [Fact]
    public void A_turn_that_goes_on_is_not_over_while_nothing_happens()
    {
        using var events = new TurnEvents();

        Assert.Null(events.Next(() => false, 1, out bool isOver));
        Assert.False(isOver);
    }
}
