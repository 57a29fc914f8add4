using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Prompting;

/// <summary>A prompt goes to another agent only if it certainly never reached the first.</summary>
public sealed class PromptRetryTests
{
    private static readonly PoolOptions NoMinimum = new() { MinSize = 0 };

    [Fact]
    public async Task An_agent_that_died_before_its_session_is_replaced_silently()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.FailNextSession(FailureKind.AgentStartFailed, dies: true);
        };

        (PromptResult result, _) = await bench.Run().InTime();

        Assert.Equal(("Completed", 1002), (result.Outcome, result.ProcessId));
        Assert.Equal(["hello"], bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task An_agent_that_died_before_the_prompt_was_sent_is_replaced_silently()
    {
        await using var bench = new PoolBench(NoMinimum);
        (await bench.MakeIdleAsync(1))[0].ScriptNextTurn(FakeTurn.DiesUnseen);

        (PromptResult result, _) = await bench.Run().InTime();

        Assert.Equal(("Completed", 1002), (result.Outcome, result.ProcessId));
        Assert.Equal(["hello"], bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task A_prompt_whose_agent_died_is_indeterminate_and_never_repeated()
    {
        await using var bench = new PoolBench(NoMinimum);
        FakeConnection[] idle = await bench.MakeIdleAsync(2);
        idle[1].ScriptNextTurn(FakeTurn.DiesInTurn);

        (PromptResult result, AgentException? failure) = await bench.Run().InTime();

        Assert.Equal(("Indeterminate", FailureKind.AgentDied, idle[1].ProcessId), (result.Outcome, failure!.Kind, result.ProcessId));
        Assert.Equal(["hello"], bench.Connector.PromptsSeen);
        Assert.Equal((1, 0), (idle[1].PromptCount, idle[0].PromptCount));
    }

    [Fact]
    public async Task A_prompt_with_an_error_answer_is_not_repeated()
    {
        await using var bench = new PoolBench(NoMinimum);
        (await bench.MakeIdleAsync(1))[0].ScriptNextTurn(FakeTurn.Fails);

        (PromptResult result, _) = await bench.Run().InTime();

        Assert.Equal("Failed", result.Outcome);
        Assert.Equal(["hello"], bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task After_three_agents_the_prompt_fails()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.OnCreated = agent => agent.FailNextSession(FailureKind.AgentStartFailed, dies: true);

        (PromptResult result, AgentException? failure) = await bench.Run().InTime();

        Assert.Equal(("Failed", FailureKind.AgentStartFailed), (result.Outcome, failure!.Kind));
        Assert.Equal(3, bench.Connector.StartCount);
        Assert.Empty(bench.Connector.PromptsSeen);
    }

    [Fact]
    public async Task A_failure_that_another_agent_cannot_fix_is_not_repeated()
    {
        await using var bench = new PoolBench(NoMinimum);
        bench.Connector.OnCreated = agent => agent.FailNextSession(FailureKind.SignInRequired);

        (PromptResult result, AgentException? failure) = await bench.Run().InTime();

        Assert.Equal(("Failed", FailureKind.SignInRequired), (result.Outcome, failure!.Kind));
        Assert.Equal(1, bench.Connector.StartCount);
    }

    [Fact]
    public async Task All_tries_together_stay_within_the_time_limit()
    {
        await using var bench = new PoolBench(NoMinimum);
        (await bench.MakeIdleAsync(1))[0].ScriptNextTurn(FakeTurn.DiesUnseen);
        bench.Connector.Starts.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run(timeout: TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => bench.Connector.Starts.HeldCount == 1);

        bench.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("TimedOut", (await run.InTime()).Result.Outcome);
    }

    [Fact]
    public async Task The_wait_of_all_tries_is_reported()
    {
        await using var bench = new PoolBench(NoMinimum);
        (await bench.MakeIdleAsync(1))[0].ScriptNextTurn(FakeTurn.DiesUnseen);
        bench.Connector.Starts.Close();
        Task<(PromptResult Result, AgentException? Failure)> run = bench.Run();
        await Eventually.HoldsAsync(() => bench.Connector.Starts.HeldCount == 1);

        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        bench.Connector.Starts.Open();

        Assert.Equal(TimeSpan.FromSeconds(2), (await run.InTime()).Result.QueuedFor);
    }
}
