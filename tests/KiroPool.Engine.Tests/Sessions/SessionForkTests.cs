using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Sessions;

/// <summary>Copies of conversations whose agent ends, or which are lost.</summary>
public sealed class SessionForkTests
{
    [Fact]
    public async Task A_fork_whose_agent_ends_meanwhile_is_made_again_in_the_process_that_resumes_the_conversation()
    {
        await using var bench = new PoolBench();
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        FakeConnection first = Assert.Single(bench.Connector.All);
        first.DiesWithFork = true;

        PromptResult fork = await session.PromptAsync(new PromptRequest { Prompt = "2", Fork = true }, TestContext.Current.CancellationToken).InTime();

        Assert.Equal(("You said: 2", 2, 1), (fork.Text, bench.Connector.StartCount, bench.Connector.LoadCount));

        // Both forks are closed. Each process had the conversation itself besides.
        Assert.Equal((1, 1), (first.OpenSessions, bench.Connector.All[1].OpenSessions));
    }

    [Fact]
    public async Task A_fork_of_a_lost_conversation_fails_and_starts_no_new_conversation()
    {
        await using var bench = new PoolBench();
        bench.Connector.OnCreated = agent => agent.CanLoadSessions = false;
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("1");
        bench.Connector.All[0].Die();

        PromptFailedException lost = await Assert.ThrowsAsync<PromptFailedException>(
            () => session.PromptAsync(new PromptRequest { Prompt = "2", Fork = true }, TestContext.Current.CancellationToken).InTime());

        Assert.Equal((FailureKind.SessionLost, "Lost"), (lost.Kind, session.State));
        Assert.Equal(["1"], bench.Connector.PromptsSeen);
    }
}
