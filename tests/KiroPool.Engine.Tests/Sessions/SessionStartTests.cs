using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>The begin of a conversation on an agent: failures, a lost predecessor, and a removal meanwhile.</summary>
public sealed class SessionStartTests
{
    private static readonly PoolOptions One = new() { MinSize = 0, MaxSize = 1, MaxStarting = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FailureKind.AgentDied, true)]
    [InlineData(FailureKind.HostLost, true)]
    [InlineData(FailureKind.AgentStartFailed, true)]
    [InlineData(FailureKind.AgentError, false)]
    public async Task A_conversation_that_could_not_start_is_started_again_and_its_slot_is_not_lost(FailureKind kind, bool dies)
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent =>
        {
            if (agent.Number == 1)
                agent.FailNextSession(kind, dies);
        };
        Session session = bench.Pool.Sessions.Create("s");

        await session.OpenAsync(Token).InTime();

        Assert.Equal(("Ready", dies ? 2 : 1), (session.State, bench.Connector.StartCount));
    }

    [Fact]
    public async Task A_conversation_is_tried_on_three_agents_and_no_more()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.FailNextSession(FailureKind.AgentDied, dies: true);
        Session session = bench.Pool.Sessions.Create("s");

        AgentException died = await Assert.ThrowsAsync<AgentException>(() => session.OpenAsync(Token).InTime());

        Assert.Equal((FailureKind.AgentDied, 3), (died.Kind, bench.Connector.StartCount));
    }

    [Fact]
    public async Task A_conversation_that_fails_to_start_returns_its_agent()
    {
        await using var bench = new PoolBench(One);
        bench.Connector.OnCreated = agent => agent.FailNextSession(FailureKind.ModelNotFound);
        Session session = bench.Pool.Sessions.Create("s");

        Assert.Equal(FailureKind.ModelNotFound, (await Assert.ThrowsAsync<AgentException>(() => session.OpenAsync(Token).InTime())).Kind);

        (await bench.RentAsync()).Return();
        Assert.Equal(1, bench.Connector.StartCount);
    }

    [Fact]
    public async Task A_session_that_is_removed_when_its_conversation_has_just_started_leaves_nothing_on_the_agent()
    {
        await using var bench = new PoolBench(One);
        Session session = bench.Pool.Sessions.Create("s");
        bench.Connector.OnSession = session.Dispose;

        PromptFailedException removed = await Assert.ThrowsAsync<PromptFailedException>(() => session.SayAsync("1"));

        Assert.Equal(FailureKind.SessionRemoved, removed.Kind);
        Assert.Empty(bench.Connector.PromptsSeen);
        AgentLease lease = await bench.RentAsync();
        Assert.Equal((1, 0), (bench.Connector.StartCount, PoolBench.AgentOf(lease).OpenSessions));
        lease.Return();
    }

    [Fact]
    public async Task A_conversation_that_cannot_be_resumed_is_lost_when_its_agent_ends_and_no_other_is_started_for_it()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");

        bench.Connector.All[0].Die();

        Assert.Equal("Lost", session.State);
        Assert.Equal(FailureKind.SessionLost, (await Assert.ThrowsAsync<PromptFailedException>(() => session.SayAsync("2"))).Kind);
        Assert.Equal(1, bench.Connector.StartCount);
    }

    [Fact]
    public async Task A_conversation_is_resumed_on_its_host_although_another_has_an_idle_agent()
    {
        var hosts = new HostList(new AgentHost { Name = "a", MaxSize = 2 }, new AgentHost { Name = "b", MaxSize = 2 });
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, MaxSize = 2, MaxStarting = 2, Hosts = hosts });
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        FakeConnection first = bench.Connector.All[0];
        AgentLease lease = await bench.RentAsync();
        Assert.NotEqual(first.Host, PoolBench.AgentOf(lease).Host);
        lease.Return();
        first.Die();

        Assert.True((await session.SayAsync("2")).Resumed);

        Assert.Equal((3, first.Host), (bench.Connector.StartCount, bench.Connector.All[2].Host));
    }

    [Fact]
    public async Task A_restarted_conversation_has_its_own_id_and_nothing_to_lose_before_its_first_prompt()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("gone");
        await RestartUnsentAsync(session);
        Assert.StartsWith("session-", session.SessionId, StringComparison.Ordinal);
        foreach (FakeConnection agent in bench.Connector.All)
            agent.Die();

        PromptResult next = await session.SayAsync("2");
        Assert.Equal(("You said: 2", false, true), (next.Text, next.Resumed, next.StartedAfresh));
    }

    [Fact]
    public async Task A_restart_for_a_prompt_that_was_not_sent_is_reported_with_the_first_one_that_is()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("gone");
        await RestartUnsentAsync(session);

        Assert.True((await session.SayAsync("2")).StartedAfresh);
        Assert.False((await session.SayAsync("3")).StartedAfresh);
    }

    [Fact]
    public async Task A_conversation_is_resumed_on_its_host_and_not_without_it()
    {
        await using var bench = new PoolBench(new PoolOptions { MinSize = 0, Hosts = new HostList(new AgentHost { Name = "a" }, new AgentHost { Name = "b" }) });
        bench.Connector.Transcripts["known"] = new();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("known", hostName: "b");

        Assert.Equal("b", (await session.SayAsync("1")).HostName);
        AgentException elsewhere = Assert.Throws<AgentException>(() => bench.Pool.Sessions.Create("t").ResumeFrom("other", hostName: "c"));
        Assert.Equal(FailureKind.SessionLost, elsewhere.Kind);
        Assert.Contains("the host 'c', which the pool does not have", elsewhere.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Earlier_turns_are_expected_in_a_resumed_conversation_only_if_it_was_answered(bool wasAnswered)
    {
        await using var bench = new PoolBench();
        bench.Connector.Transcripts["known"] = new();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("known", wasAnswered);

        await session.OpenAsync(Token).InTime();

        Assert.Equal([wasAnswered], bench.Connector.LoadsWithHistory);
    }

    [Fact]
    public async Task No_earlier_turns_are_expected_in_a_restarted_conversation_that_was_never_answered()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent => agent.ScriptNextTurn(FakeTurn.Fails);
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("gone");
        await Assert.ThrowsAsync<PromptFailedException>(() => session.PromptAsync(new PromptRequest { Prompt = "1", AllowNewConversation = true }, Token).InTime());
        foreach (FakeConnection agent in bench.Connector.All)
            agent.Die();

        await session.OpenAsync(Token).InTime();

        Assert.Equal([true, false], bench.Connector.LoadsWithHistory);
    }

    [Fact]
    public async Task A_session_resumes_the_first_conversation_it_was_given_and_refuses_another()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        session.ResumeFrom("one");

        Assert.Equal(FailureKind.SessionLost, Assert.Throws<AgentException>(() => session.ResumeFrom("two")).Kind);
        Assert.Equal(("one", "Suspended"), (session.SessionId, session.State));
    }

    /// <summary>Cancels a prompt after its new conversation has begun and before the prompt is sent.</summary>
    private static async Task RestartUnsentAsync(Session session)
    {
        using var cancel = new CancellationTokenSource();
        var request = new PromptRequest { Prompt = "1", AllowNewConversation = true, OnSending = (_, _) => cancel.Cancel() };
        await Assert.ThrowsAsync<PromptFailedException>(() => session.PromptAsync(request, cancel.Token).InTime());
    }
}
