using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Conversations that go on in another process: after idle time, limits, deaths and failed loads.</summary>
public sealed class SessionResumeTests
{
    [Fact]
    public async Task An_idle_conversation_is_suspended_when_its_time_is_up_and_resumed_on_use()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, IdleTimeout = TimeSpan.FromSeconds(60), SweepInterval = TimeSpan.FromSeconds(10) });
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        await bench.AdvanceAsync(TimeSpan.FromSeconds(80));
        Assert.Equal(("Suspended", 0), (session.State, bench.Connector.Alive));

        PromptResult after = await session.SayAsync("2");
        Assert.True(after.Resumed);
        Assert.Equal(1, bench.Connector.LoadCount);
    }

    [Fact]
    public async Task Limits_recycle_the_agents_of_sessions_without_failing_a_prompt()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxUses = 2, Jitter = 0 });
        Session session = bench.Pool.Sessions.Create("s");
        for (int i = 0; i < 6; i++)
            Assert.Equal($"You said: {i}", (await session.SayAsync($"{i}")).Text);

        Assert.Equal(["0", "1", "2", "3", "4", "5"], bench.Connector.Transcripts[session.SessionId!]);
        Assert.Equal([2, 2, 2], bench.Connector.PromptsPerAgent());
    }

    [Fact]
    public async Task An_unsent_prompt_is_repeated_in_the_resumed_session_and_a_sent_one_is_not()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        bench.Connector.All[0].ScriptNextTurn(FakeTurn.DiesUnseen);
        PromptResult second = await session.SayAsync("2");
        Assert.True(second.Resumed);
        bench.Connector.All[1].ScriptNextTurn(FakeTurn.DiesInTurn);

        PromptFailedException third = await Assert.ThrowsAsync<PromptFailedException>(
            () => session.PromptAsync(new PromptRequest { Prompt = "3", RetryCount = 5 }, TestContext.Current.CancellationToken).InTime());
        Assert.Equal("Indeterminate", third.Result.Outcome);
        await session.SayAsync("4");
        Assert.Equal(["1", "2", "3", "4"], bench.Connector.Transcripts[session.SessionId!]);
    }

    [Fact]
    public async Task A_session_without_an_answered_turn_cannot_be_lost()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.ScriptNextTurn(FakeTurn.DiesUnseen);
        };
        Session session = bench.Pool.Sessions.Create("s");

        PromptResult first = await session.SayAsync("1");
        Assert.Equal(("You said: 1", false, 0), (first.Text, first.Resumed, bench.Connector.LoadCount));
    }

    [Fact]
    public async Task A_hanging_load_ends_at_the_time_limit_and_loses_no_conversation()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        bench.Connector.All[0].Die();
        bench.Connector.Loads.Close();
        Task<(PromptResult Result, AgentException? Failure)> late = bench.Pool.RunAsync(new PromptRequest { Prompt = "2", Timeout = TimeSpan.FromSeconds(5) }, session, default);
        await Eventually.HoldsAsync(() => bench.Connector.Loads.HeldCount == 1);
        await bench.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("TimedOut", (await late.InTime()).Result.Outcome);
        bench.Connector.OpenGates();

        Assert.True((await session.SayAsync("3")).Resumed);
        Assert.Equal(["1", "3"], bench.Connector.Transcripts[session.SessionId!]);
    }
}
