using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Forks of a conversation, with an agent on the official SDK.</summary>
public sealed class ForkTests
{
    [Fact]
    public async Task Each_prompt_runs_in_a_fork_and_the_conversation_stays_as_it_was()
    {
        await using var bench = new ConformanceBench(isFull: true);
        Session session = bench.Pool.Sessions.Create("review");
        PromptResult primed = await session.PromptAsync(new PromptRequest { Prompt = "read the repository" }).InTime();

        PromptResult[] forks = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => session.PromptAsync(new PromptRequest { Prompt = $"history {i}", Fork = true }))).InTime();

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"read the repository | history {i}"), forks.Select(fork => fork.Text));
        Assert.Equal(10, forks.Select(fork => fork.SessionId).Append(primed.SessionId).Distinct().Count() - 1);
        Assert.All(forks, fork => Assert.Equal((primed.ProcessId, "review"), (fork.ProcessId, fork.Session)));
        Assert.Equal((1, primed.SessionId), (session.Turns, session.SessionId));
        Assert.Equal("read the repository | history", (await session.PromptAsync(new PromptRequest { Prompt = "history" }).InTime()).Text);
    }

    [Fact]
    public async Task Forks_run_at_the_same_time()
    {
        await using var bench = new ConformanceBench(isFull: true);
        Session session = bench.Pool.Sessions.Create("review");
        await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();

        // Each of the two turns waits for the other one.
        PromptResult[] both = await Task.WhenAll(new[] { "a", "b" }.Select(name => session.PromptAsync(new PromptRequest { Prompt = $"meet {name}", Fork = true }))).InTime();

        Assert.All(both, result => Assert.Equal("Completed", result.Outcome));
    }

    [Fact]
    public async Task Forks_are_closed_after_their_prompts()
    {
        await using var bench = new ConformanceBench(isFull: true);
        Session session = bench.Pool.Sessions.Create("review");
        PromptResult primed = await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        PromptResult fork = await session.PromptAsync(new PromptRequest { Prompt = "two", Fork = true }).InTime();

        string journal = "";
        for (int i = 0; i < 100 && !journal.Contains($"\"{fork.SessionId}\"", StringComparison.Ordinal); i++)
        {
            string all = (await session.PromptAsync(new PromptRequest { Prompt = "journal" }).InTime()).Text;
            journal = all[all.IndexOf("\"closed\"", StringComparison.Ordinal)..all.IndexOf("\"open\"", StringComparison.Ordinal)];
        }

        Assert.Contains(fork.SessionId!, journal, StringComparison.Ordinal);
        Assert.DoesNotContain(primed.SessionId!, journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_whose_process_has_ended_is_resumed_and_then_forked()
    {
        await using var bench = new ConformanceBench(isFull: true);
        Session session = bench.Pool.Sessions.Create("review");
        PromptResult primed = await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        await LiveProcesses.EndAsync(primed.ProcessId!.Value);

        PromptResult fork = await session.PromptAsync(new PromptRequest { Prompt = "history", Fork = true }).InTime();

        Assert.Equal("one | history", fork.Text);
        Assert.Equal(primed.SessionId, session.SessionId);
    }

    [Fact]
    public async Task A_cancelled_fork_leaves_the_conversation_and_its_process()
    {
        await using var bench = new ConformanceBench(isFull: true);
        Session session = bench.Pool.Sessions.Create("review");
        PromptResult primed = await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAsync<PromptFailedException>(
            () => session.PromptAsync(new PromptRequest { Prompt = "slow", Fork = true, OnUpdate = _ => cancel.CancelAsync() }, cancel.Token).InTime());

        PromptResult next = await session.PromptAsync(new PromptRequest { Prompt = "history" }).InTime();

        Assert.Equal(("one | history", primed.ProcessId), (next.Text, next.ProcessId));
    }

    [Fact]
    public async Task An_agent_without_forks_is_not_supported_and_named()
    {
        await using var bench = new ConformanceBench();
        Session session = bench.Pool.Sessions.Create("review");
        await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();

        PromptFailedException failure = await Assert.ThrowsAsync<PromptFailedException>(() => session.PromptAsync(new PromptRequest { Prompt = "two", Fork = true }).InTime());

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("The agent 'conformance' cannot fork a conversation (session/fork)", failure.Message, StringComparison.Ordinal);
        Assert.Equal("one | history", (await session.PromptAsync(new PromptRequest { Prompt = "history" }).InTime()).Text);
    }
}
