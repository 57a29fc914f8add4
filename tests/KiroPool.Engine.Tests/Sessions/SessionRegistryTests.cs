using KiroPool.Engine.Prompting;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Sessions by name, and all errors of a name or an object.</summary>
public sealed class SessionRegistryTests
{
    [Fact]
    public async Task A_name_belongs_to_one_session()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("Review");

        Assert.Same(session, bench.Pool.Sessions.Get("review"));
        AssertFails(FailureKind.SessionExists, () => bench.Pool.Sessions.Create("REVIEW"));
        AssertFails(FailureKind.SessionNotFound, () => bench.Pool.Sessions.Get("other"));
        AssertFails(FailureKind.SessionNotFound, () => bench.Pool.Sessions.Remove("other"));
        Assert.Null(bench.Pool.Sessions.Find("other"));
        Assert.Throws<ArgumentException>(() => bench.Pool.Sessions.Create(" "));

        bench.Pool.Sessions.Remove("review");
        Assert.NotSame(session, bench.Pool.Sessions.GetOrCreate("review"));
        Assert.Equal(1, bench.Pool.Sessions.RemoveAll());
        Assert.Empty(bench.Pool.Sessions.All);
    }

    [Fact]
    public async Task Fixed_values_of_a_session_cannot_change()
    {
        await using var bench = new PoolBench();
        SessionRegistry sessions = bench.Pool.Sessions;
        Session session = sessions.GetOrCreate("s", agent: "b", workingDirectory: "/other");

        Assert.Same(session, sessions.GetOrCreate("s"));
        Assert.Same(session, sessions.GetOrCreate("s", agent: "B", workingDirectory: "/other"));
        AssertFails(FailureKind.SessionMismatch, () => sessions.GetOrCreate("s", agent: "a"));
        AssertFails(FailureKind.SessionMismatch, () => sessions.GetOrCreate("s", model: "m"));
        AssertFails(FailureKind.SessionMismatch, () => session.EnsureMatches(workingDirectory: "/work"));
        Assert.Equal(("b", "/other"), (session.Agent, session.WorkingDirectory));
    }

    [Fact]
    public async Task A_session_of_another_pool_is_refused_as_one_outcome()
    {
        await using var bench = new PoolBench();
        await using var other = new PoolBench();
        Session session = other.Pool.Sessions.Create("s");

        (PromptResult result, AgentException? failure) = await bench.Pool.RunAsync(new PromptRequest { Prompt = "x" }, session, default).InTime();

        Assert.Equal((FailureKind.SessionFromElsewhere, "Failed"), (failure!.Kind, result.Outcome));
        AssertFails(FailureKind.SessionFromElsewhere, () => bench.Pool.Sessions.Remove(session));
        Assert.Equal((1, 0), (bench.Statistics.Failed, session.Turns));
    }

    [Fact]
    public async Task A_stopped_pool_creates_no_session()
    {
        await using var bench = new PoolBench();
        await bench.Pool.StopAsync(PoolStopMode.Cancel).InTime();
        AssertFails(FailureKind.PoolStopped, () => bench.Pool.Sessions.Create("s"));
        AssertFails(FailureKind.PoolStopped, () => bench.Pool.Sessions.GetOrCreate("s"));
        AssertFails(FailureKind.PoolStopped, () => bench.Pool.Sessions.CreateTemporary());
    }

    [Fact]
    public async Task The_history_is_bounded_and_keeps_the_latest()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        for (int i = 1; i <= 130; i++)
            await session.PromptAsync(new PromptRequest { Prompt = $"{i}" }, TestContext.Current.CancellationToken).InTime();
        IReadOnlyList<SessionTurn> history = session.GetHistory();
        Assert.Equal((100, 31, 130, "You said: 130"), (history.Count, history[0].Number, history[^1].Number, history[^1].Text));

        await session.PromptAsync(new PromptRequest { Prompt = new string('x', 600_000) }, TestContext.Current.CancellationToken).InTime();
        Assert.Equal(131, Assert.Single(session.GetHistory()).Number);
        Assert.Equal(131, session.Turns);
    }

    private static void AssertFails(FailureKind kind, Action action) => Assert.Equal(kind, Assert.Throws<AgentException>(action).Kind);
}
