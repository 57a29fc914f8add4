using KiroPool.Engine.Acp;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.JsonRpc;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Acp;

/// <summary>Outcomes that the answer of the agent alone does not tell.</summary>
public sealed class TurnOutcomeTests
{
    private readonly AcpConnection _connection = new(new AgentSpec { Executable = "agent", WorkingDirectory = "/" }, limits: null!, TimeProvider.System, new PoolLog(), starter: null!);
    private readonly PromptCall _call = new(new AcpTurn(null, PermissionDesk.Closed, TimeProvider.System));

    [Theory]
    [InlineData("answer")]
    [InlineData("error")]
    [InlineData("end")]
    public async Task A_turn_that_ends_after_the_callers_cancel_is_cancelled_also_if_the_cancel_was_not_recorded_yet(string how)
    {
        if (how == "answer")
            _call.Complete("""{"stopReason":"cancelled"}"""u8);
        else
            _call.Fail(how == "end" ? new IOException("The agent ended.") : new JsonRpcException(-32603, "Aborted", null));

        TurnResult result = await ReadAsync(isCancelled: true);

        Assert.Equal((PromptOutcome.Cancelled, FailureKind.PromptCancelled), (result.Outcome, result.Failure?.Kind));
    }

    [Fact]
    public async Task A_turn_that_the_agent_cancels_without_a_request_has_failed()
    {
        _call.Complete("""{"stopReason":"cancelled"}"""u8);

        TurnResult result = await ReadAsync(isCancelled: false);

        Assert.Equal((PromptOutcome.Failed, FailureKind.CancelledByAgent), (result.Outcome, result.Failure?.Kind));
    }

    [Fact]
    public async Task A_complete_response_does_not_hide_a_lost_part_of_the_answer()
    {
        var lost = new AgentException(FailureKind.ProtocolViolation, "A part is lost.");
        _call.Turn.Lose(lost);
        _call.Complete("""{"stopReason":"end_turn"}"""u8);

        TurnResult result = await ReadAsync(isCancelled: false);

        Assert.Equal((PromptOutcome.Failed, lost), (result.Outcome, result.Failure));
    }

    [Fact]
    public async Task A_throttled_turn_without_any_trace_has_no_answer()
    {
        _call.Turn.RateLimitMessage = "Slow down.";
        _call.Complete("""{"stopReason":"end_turn"}"""u8);

        Assert.Equal(FailureKind.RateLimited, (await ReadAsync(isCancelled: false)).Failure?.Kind);
    }

    [Theory]
    [InlineData(true, true, false, PromptOutcome.Completed)]
    [InlineData(true, true, true, PromptOutcome.Failed)]
    [InlineData(false, true, false, PromptOutcome.Failed)]
    [InlineData(true, false, true, PromptOutcome.Failed)]
    [InlineData(false, false, false, PromptOutcome.Completed)]
    public async Task An_error_that_the_agent_only_displays_fails_a_turn_without_an_answer_or_with_a_reported_failure(bool hasAnswer, bool hasError, bool saysFailed, PromptOutcome outcome)
    {
        if (hasAnswer)
            _call.Turn.AddBlock(new AnswerBlock { Type = "image" });
        if (hasError)
            _call.Turn.Apply(new KiroSessionInfo { Kind = "display_error", Message = "The service said no." });
        if (saysFailed)
            _call.Turn.Apply(new KiroSessionInfo { Kind = "turn_end", StopReason = "error" });
        _call.Complete("""{"stopReason":"end_turn"}"""u8);

        Assert.Equal(outcome, (await ReadAsync(isCancelled: false)).Outcome);
    }

    [Theory]
    [InlineData(null, FailureKind.AgentError)]
    [InlineData("Slow down.", FailureKind.RateLimited)]
    public async Task An_error_without_a_reason_after_a_throttling_notice_has_the_notice_as_its_reason(string? notice, FailureKind kind)
    {
        _call.Turn.RateLimitMessage = notice;
        _call.Fail(new JsonRpcException(JsonRpcException.InternalError, "It broke.", null));

        Assert.Equal(kind, (await ReadAsync(isCancelled: false)).Failure?.Kind);
    }

    [Fact]
    public async Task A_session_that_fell_back_to_another_agent_gets_no_prompt()
    {
        var fallBack = new AgentException(FailureKind.AgentNotFound, "The agent program does not know the agent.");
        var session = new AcpSession(_connection, "s") { FallBack = fallBack };

        TurnResult result = await session.PromptAsync(new TurnRequest { Parts = [new PromptPart.Text("hello")] }, CancellationToken.None);

        Assert.Equal((PromptOutcome.Failed, fallBack, false), (result.Outcome, result.Failure, result.MayHaveBeenSeen));
        Assert.False(session.WasPrompted);
    }

    private Task<TurnResult> ReadAsync(bool isCancelled) =>
        TurnOutcome.ReadAsync(_connection, new AcpSession(_connection, "s"), _call, Task.CompletedTask, new CancellationToken(isCancelled)).AsTask();
}
