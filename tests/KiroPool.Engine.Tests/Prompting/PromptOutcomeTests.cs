using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Prompting;

/// <summary>Every prompt ends in one outcome, in time, and its agent is returned.</summary>
public sealed class PromptOutcomeTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1 };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_answer_is_a_complete_result()
    {
        await using var bench = new PoolBench(One);
        object input = new();

        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "hello", Index = 7, InputObject = input }).InTime();

        Assert.Equal(("Completed", "end_turn", "You said: hello", "hello"), (result.Outcome, result.StopReason, result.Text, result.Prompt));
        Assert.Equal((7, "session-1-1", 1001, "a", "/work"), (result.Index, result.SessionId, result.ProcessId, result.Agent, result.WorkingDirectory));
        Assert.Same(input, result.InputObject);
    }

    [Fact]
    public async Task Every_prompt_has_its_own_session_which_is_closed_afterwards()
    {
        await using var bench = new PoolBench(One);

        string?[] sessions = [(await bench.Run().InTime()).Result.SessionId, (await bench.Run().InTime()).Result.SessionId];

        Assert.Equal(["session-1-1", "session-1-2"], sessions);
        Assert.Equal(0, bench.Connector.All[0].OpenSessions);
    }

    [Fact]
    public async Task A_prompt_that_does_not_complete_throws_an_exception_with_the_result()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.ScriptNextTurn(FakeTurn.Fails);

        var failure = await Assert.ThrowsAsync<PromptFailedException>(() => bench.Pool.PromptAsync(new PromptRequest { Prompt = "hello" }).InTime());

        Assert.Equal((FailureKind.AgentError, "Failed", "hello"), (failure.Kind, failure.Result.Outcome, failure.Result.Prompt));
    }

    [Fact]
    public async Task The_time_limit_holds_while_the_prompt_is_queued()
    {
        await using var bench = new PoolBench(One);
        AgentLease held = await bench.RentAsync();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit);

        await TimesOutExactlyAsync(bench, run, "waiting for an agent; the only one (-MaxSize 1) was busy");

        Assert.Equal(0, bench.Statistics.WaitingCount);
        held.Return();
        Assert.Empty(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task The_time_limit_holds_while_the_agent_starts_and_the_start_is_not_wasted()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Starts.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit);
        await bench.QuietAsync();

        await TimesOutExactlyAsync(bench, run, "waiting for an agent; the pool has at most 1 (-MaxSize)");

        bench.Connector.Starts.Open();
        await Eventually.HoldsAsync(() => bench.Statistics.IdleCount == 1);
    }

    [Fact]
    public async Task The_time_limit_holds_while_the_session_is_made()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Sessions.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit);
        await Eventually.HoldsAsync(() => bench.Connector.Sessions.HeldCount == 1);

        await TimesOutExactlyAsync(bench, run, "before the agent answered");

        Assert.Equal(1, bench.Statistics.IdleCount);
        Assert.Empty(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task The_time_limit_holds_during_the_turn()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit);
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        await TimesOutExactlyAsync(bench, run, "before the agent answered");

        Assert.Equal(["hello"], bench.Connector.PromptsSeen);
        Assert.Equal((1, 0), (bench.Statistics.IdleCount, bench.Connector.All[0].OpenSessions));
    }

    [Fact]
    public async Task The_time_limit_is_one_budget_for_queue_start_and_turn()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Starts.Close();
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit);
        await bench.QuietAsync();

        bench.Clock.Advance(TimeSpan.FromSeconds(3));
        bench.Connector.Starts.Open();
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        (PromptResult result, _) = await run.InTime();

        Assert.Equal("TimedOut", result.Outcome);
        Assert.Equal((TimeSpan.FromSeconds(3), Limit), (result.QueuedFor, result.Duration));
    }

    [Fact]
    public async Task Without_a_time_limit_a_prompt_waits_as_long_as_it_takes()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException?)> run = bench.Run();
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);

        await bench.AdvanceAsync(TimeSpan.FromMinutes(20));
        Assert.False(run.IsCompleted);
        bench.Connector.Turns.Open();

        Assert.Equal("Completed", (await run.InTime()).Result.Outcome);
    }

    [Fact]
    public async Task An_agent_that_does_not_settle_after_a_time_out_is_not_leased_again()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.Settles = agent.Number > 1;
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run("slow", Limit);
        await Eventually.HoldsAsync(() => bench.Connector.Turns.HeldCount == 1);
        bench.Clock.Advance(Limit);
        await run.InTime();
        bench.Connector.Turns.Open();

        (PromptResult next, _) = await bench.Run("next").InTime();

        Assert.Equal(("Completed", 1002), (next.Outcome, next.ProcessId));
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("starting")]
    [InlineData("session")]
    [InlineData("turn")]
    public async Task The_caller_can_cancel_at_every_step(string step)
    {
        await using var bench = new PoolBench(One);
        using var cancel = new CancellationTokenSource();
        AgentLease? held = step == "queued" ? await bench.RentAsync() : null;
        Gate gate = step switch { "starting" => bench.Connector.Starts, "session" => bench.Connector.Sessions, _ => bench.Connector.Turns };
        gate.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(cancellationToken: cancel.Token);
        await Eventually.HoldsAsync(() => step == "queued" ? bench.Statistics.WaitingCount == 1 : gate.HeldCount == 1);

        await cancel.CancelAsync();
        (PromptResult result, AgentException? failure) = await run.InTime();

        Assert.Equal(("Cancelled", FailureKind.PromptCancelled), (result.Outcome, failure!.Kind));
        Assert.Equal(step == "turn" ? ["hello"] : [], bench.Connector.PromptsSeen);
        held?.Return();
        gate.Open();
        await Eventually.HoldsAsync(() => bench.Statistics is { IdleCount: 1, ActiveCount: 0, WaitingCount: 0 });
    }

    [Fact]
    public async Task A_cancel_takes_precedence_over_the_time_limit()
    {
        await using var bench = new PoolBench(One);
        using var cancel = new CancellationTokenSource();
        AgentLease held = await bench.RentAsync();
        bench.Connector.Turns.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: Limit, cancellationToken: cancel.Token);

        await cancel.CancelAsync();
        bench.Clock.Advance(Limit);

        Assert.Equal("Cancelled", (await run.InTime()).Result.Outcome);
        held.Return();
    }

    private static async Task TimesOutExactlyAsync(PoolBench bench, Task<(PromptResult Result, AgentException? Failure)> run, string where)
    {
        bench.Clock.Advance(Limit - TimeSpan.FromTicks(10_000));
        Assert.False(run.IsCompleted);
        bench.Clock.Advance(TimeSpan.FromTicks(10_000));
        (PromptResult result, AgentException? failure) = await run.InTime();

        Assert.Equal(("TimedOut", FailureKind.PromptTimedOut), (result.Outcome, failure!.Kind));
        Assert.Equal(Limit, result.Duration);
        Assert.Contains($"Timed out after 5 s {where}", failure.Message, StringComparison.Ordinal);
        Assert.Equal((5.0, 1L), (failure.Value, bench.Statistics.TimedOut));
    }
}
