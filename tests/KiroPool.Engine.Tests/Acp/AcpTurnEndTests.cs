using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using Microsoft.Extensions.Time.Testing;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Questions at the end of a turn, and reports that must not undo earlier ones.</summary>
public sealed class AcpTurnEndTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly AcpTurn _turn;

    public AcpTurnEndTests() => _turn = new AcpTurn(null, PermissionDesk.Closed, _clock);

    [Fact]
    public void The_response_ends_open_questions_and_no_other_is_asked_after_it()
    {
        CancellationToken open = _turn.BeginAsking()!.Value;

        _turn.Seal();

        Assert.True(open.IsCancellationRequested);
        Assert.Null(_turn.BeginAsking());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_after_a_cancel_or_the_response_approves_nothing(bool isCancel)
    {
        var call = new ToolCallMessage { ToolCallId = "1", Kind = "edit" };
        _turn.Apply(call);
        if (isCancel)
            _turn.BeginCancel();
        else
            _turn.Seal();

        Assert.False(_turn.TryNote(new PermissionQuestion { ToolCall = call }, "Allowed", "Handler"));

        // After the response nothing is recorded any more.
        ToolCall made = Assert.Single(_turn.Close(PromptOutcome.Cancelled, failure: null).ToolCalls);
        Assert.Equal(isCancel ? "Cancelled by Turn" : " by ", $"{made.Permission} by {made.DecidedBy}");
    }

    [Fact]
    public void The_silence_of_an_agent_counts_from_the_last_answer_on()
    {
        _turn.BeginAsking();
        _turn.BeginAsking();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _turn.EndAsking();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_clock.GetTimestamp(), _turn.LastSignAt);

        _turn.EndAsking();
        long answered = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(answered, _turn.LastSignAt);
    }

    [Fact]
    public void A_reported_failure_and_its_error_outlast_later_reports()
    {
        _turn.Apply(new KiroSessionInfo { Kind = "display_error", Message = "The service said no." });
        _turn.Apply(new KiroSessionInfo { Kind = "turn_end", StopReason = "error" });
        _turn.Apply(new KiroSessionInfo { Kind = "turn_completion", Status = "success" });

        Assert.Equal(("The service said no.", true), (_turn.ShownError?.Text, _turn.SaysFailed));
    }

    [Fact]
    public void A_tool_that_failed_without_a_request_did_not_run_untrusted()
    {
        _turn.Apply(new ToolCallMessage { ToolCallId = "1", Kind = "edit", Status = "failed" });
        _turn.Apply(new ToolCallMessage { ToolCallId = "2", Kind = "edit", Status = "completed" });

        Assert.Equal([false, true], _turn.Close(PromptOutcome.Completed, failure: null).ToolCalls.Select(call => call.RanUntrusted));
    }
}
