using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Acp;

public sealed class PromptCallTests
{
    private readonly PromptCall _call = new(new AcpTurn(null, PermissionDesk.Closed, TimeProvider.System));

    [Fact]
    public async Task The_answer_ends_the_call()
    {
        _call.Complete("""{"stopReason":"max_tokens"}"""u8);

        Assert.Equal((TurnEnd.Answered, "max_tokens", null), (await _call.Task, _call.StopReason, _call.Error));
        Assert.True(_call.Turn.IsSealed);
        Assert.True(_call.WhenAnswered().IsCompleted);
    }

    [Fact]
    public async Task A_late_answer_does_not_change_an_abandoned_call()
    {
        _call.Abandon(TurnEnd.Silent);
        Task answered = _call.WhenAnswered();
        Assert.Equal((TurnEnd.Silent, false), (await _call.Task, answered.IsCompleted));

        _call.Complete("{}"u8);

        await answered;
        Assert.Equal((TurnEnd.Silent, true), (await _call.Task, _call.IsAnswered));
    }

    [Fact]
    public async Task An_answered_call_cannot_be_abandoned()
    {
        _call.Fail(new IOException("The agent ended."));
        _call.Abandon(TurnEnd.Cancelled);

        Assert.Equal(TurnEnd.Answered, await _call.Task);
        Assert.IsType<IOException>(_call.Error);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"done\"")]
    [InlineData("""{"stopReason":{}}""")]
    [InlineData("")]
    public async Task An_answer_of_another_shape_is_an_answer_with_an_error(string result)
    {
        _call.Complete(System.Text.Encoding.UTF8.GetBytes(result));

        Assert.Equal(TurnEnd.Answered, await _call.Task);
        Assert.IsType<System.Text.Json.JsonException>(_call.Error);
    }
}
