using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated;

public sealed class ConversationTests
{
    [Fact]
    public async Task A_prompt_sees_no_earlier_conversation_of_its_process()
    {
        await using var pool = new SimulatedPool();
        PromptResult secret = await pool.AskAsync("the secret is 42");
        for (int i = 0; i < 3; i++)
        {
            PromptResult result = await pool.AskAsync("history");
            Assert.Equal(secret.ProcessId, result.ProcessId);
            Assert.Equal("No earlier prompts.", result.Text);
        }
    }

    [Fact]
    public async Task Concurrent_prompts_do_not_see_each_other()
    {
        await using var pool = new SimulatedPool(new { turnMs = 3 }, new PoolOptions { MinSize = 0, MaxSize = 3, MaxStarting = 3 });
        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => pool.AskAsync(i % 2 == 0 ? "history" : $"number {i}")));

        Assert.All(results.Where((_, i) => i % 2 == 0), result => Assert.Equal("No earlier prompts.", result.Text));
        Assert.All(results.Select((result, i) => (result, i)).Where(p => p.i % 2 == 1), p => Assert.Equal($"You said: number {p.i}", p.result.Text));
        Assert.Equal(60, results.Select(result => result.SessionId).Distinct().Count());
    }

    [Fact]
    public async Task A_conversation_remembers_its_turns_and_ends_with_its_session()
    {
        await using var pool = new SimulatedPool();
        using (Session conversation = pool.Pool.Sessions.CreateTemporary())
        {
            await conversation.PromptAsync(new PromptRequest { Prompt = "first" }, TestContext.Current.CancellationToken).InTime();
            PromptResult second = await conversation.PromptAsync(new PromptRequest { Prompt = "history" }, TestContext.Current.CancellationToken).InTime();
            Assert.Equal("1 earlier prompt:\nfirst", second.Text);
            Assert.Equal(0, pool.Agent.Count("close"));
        }

        await pool.LoggedAsync("close");
        Assert.Equal("No earlier prompts.", (await pool.AskAsync("history")).Text);
    }

    [Theory]
    [InlineData("kiro", "v2")]
    [InlineData("kiro", "v3")]
    [InlineData("standard", "v2")]
    public async Task A_session_is_closed_when_its_prompt_is_done(string close, string engine)
    {
        await using var pool = new SimulatedPool(new { close, engine });
        var sessions = new List<string?>();
        for (int i = 0; i < 5; i++)
            sessions.Add((await pool.AskAsync($"{i}")).SessionId);

        await pool.LoggedAsync("close", 5);

        // For a newer Kiro the older way is tried once before the first close.
        Assert.Equal(sessions.Order(), pool.Agent.Of("close").Select(e => e.SessionId).Order());
        Assert.Equal(1, pool.Agent.Count("start"));
    }

    [Fact]
    public async Task An_agent_without_session_close_still_serves()
    {
        await using var pool = new SimulatedPool(new { close = "none" });
        for (int i = 0; i < 3; i++)
            Assert.Equal($"You said: {i}", (await pool.AskAsync($"{i}")).Text);
        Assert.Equal(1, pool.Agent.Count("start"));
    }
}
