using KiroPool.Engine.Statistics;
using KiroPool.Formatting;

namespace KiroPool.Tests.Views;

public sealed class PoolWordsTests
{
    [Fact]
    public void A_conversation_that_is_being_resumed_is_not_called_busy_agents()
    {
        var resuming = new PoolActivity(Starting: 0, Running: 1, Idle: 0, Stopping: 0, Waiting: 0, IsStopped: false, ThrottledUntil: null, StartsPausedUntil: null, Resuming: 1);

        Assert.Equal("resuming the conversation", PoolWords.ForAgent(resuming));
        Assert.Equal("resuming the conversation", PoolWords.ForTurn(resuming));
        Assert.Equal("; resuming the conversation", PoolWords.Brakes(resuming));
        Assert.Equal("all agents are busy", PoolWords.ForAgent(resuming with { Resuming = 0 }));
        Assert.Equal("waiting for an agent", PoolWords.ForTurn(resuming with { Resuming = 0 }));
        Assert.Equal("", PoolWords.Brakes(resuming with { Resuming = 0 }));
    }
}
