using System.Text.Json;
using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>What comes after a cancel or after the response belongs to no answer.</summary>
public sealed class AcpTurnTests
{
    private readonly List<PromptUpdate> _updates = [];
    private readonly AcpTurn _turn;

    public AcpTurnTests() => _turn = new AcpTurn(_updates.Add, PermissionDesk.Closed, TimeProvider.System);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pieces_of_an_answer_after_a_cancel_or_the_response_are_neither_kept_nor_reported(bool isCancel)
    {
        AddText("before");
        if (isCancel)
            _turn.BeginCancel();
        else
            _turn.Seal();

        AddText("after");
        AddThought("after");
        _turn.AddBlock(new AnswerBlock { Type = "image" });
        _turn.Lose(new AgentException(FailureKind.ProtocolViolation, "A part is lost."));

        TurnResult result = _turn.Close(PromptOutcome.Cancelled, failure: null);
        Assert.Equal(("before", 0), (result.Text, result.Content.Count));
        Assert.Equal("before", Assert.Single(_updates).Text);
        Assert.Null(_turn.Lost);
    }

    [Fact]
    public void A_cancelled_turn_still_reports_its_tools_and_costs_until_the_response()
    {
        _turn.BeginCancel();
        _turn.Apply(new ToolCallMessage { ToolCallId = "1", Title = "Edit" });
        _turn.Apply(new TurnMeter { Credits = 2 });
        _turn.Seal();
        _turn.Apply(new ToolCallMessage { ToolCallId = "2", Title = "Late" });
        _turn.Apply(new TurnMeter { Credits = 3 });

        TurnResult result = _turn.Close(PromptOutcome.Cancelled, failure: null);
        Assert.Equal("Edit", Assert.Single(result.ToolCalls).Title);
        Assert.Equal(2, result.Meter.Credits);
    }

    [Fact]
    public void No_question_is_asked_after_a_cancel()
    {
        Assert.NotNull(_turn.BeginAsking());
        CancellationToken open = _turn.BeginAsking()!.Value;

        _turn.BeginCancel();

        Assert.True(open.IsCancellationRequested);
        Assert.Null(_turn.BeginAsking());
    }

    private void AddText(string text)
    {
        Utf8JsonReader reader = At(text);
        _turn.AddText(ref reader);
    }

    private void AddThought(string text)
    {
        Utf8JsonReader reader = At(text);
        _turn.AddThought(ref reader);
    }

    private static Utf8JsonReader At(string text)
    {
        var reader = new Utf8JsonReader(JsonSerializer.SerializeToUtf8Bytes(text));
        reader.Read();
        return reader;
    }
}
