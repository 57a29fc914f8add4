using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Conversations that an agent on the official SDK has stored.</summary>
public sealed class SavedSessionTests
{
    [Fact]
    public async Task Stored_conversations_are_listed_over_several_pages_resumed_and_deleted()
    {
        await using var bench = new ConformanceBench(isFull: true);
        string[] ids = [.. (await Task.WhenAll(Enumerable.Range(0, 5).Select(i => bench.RunAsync($"history {i}")))).Select(result => result.SessionId!)];
        CancellationToken token = TestContext.Current.CancellationToken;

        IReadOnlyList<SavedSession> saved = await bench.Pool.Saved.ListAsync(cancellationToken: token).InTime();

        Assert.Equal(ids.Order(StringComparer.Ordinal), saved.Select(one => one.SessionId));
        Assert.All(saved, one => Assert.Equal(($"Title of {one.SessionId}", bench.Spec.WorkingDirectory, new DateTimeOffset(2026, 11, 27, 8, 0, 0, TimeSpan.Zero)), (one.Title, one.WorkingDirectory, one.LastUsed)));

        Session session = bench.Pool.Sessions.Create("again");
        session.ResumeFrom(ids[3]);
        Assert.Equal("history 3 | history", (await session.PromptAsync(new PromptRequest { Prompt = "history" }, token).InTime()).Text);
        bench.Pool.Sessions.Remove(session);

        await bench.Pool.Saved.DeleteAsync(ids[0], cancellationToken: token).InTime();
        Assert.Equal(4, (await bench.Pool.Saved.ListAsync(cancellationToken: token).InTime()).Count);
    }

    [Fact]
    public async Task An_agent_that_does_not_list_or_delete_them_is_not_supported_and_named()
    {
        await using var bench = new ConformanceBench();
        CancellationToken token = TestContext.Current.CancellationToken;

        AgentException list = await Assert.ThrowsAsync<AgentException>(() => bench.Pool.Saved.ListAsync(cancellationToken: token).InTime());
        AgentException delete = await Assert.ThrowsAsync<AgentException>(() => bench.Pool.Saved.DeleteAsync("any", cancellationToken: token).InTime());

        Assert.Equal((FailureKind.NotSupported, "The agent 'conformance' does not list its stored conversations (session/list)."), (list.Kind, list.Message));
        Assert.Equal((FailureKind.NotSupported, "The agent 'conformance' does not delete stored conversations (session/delete)."), (delete.Kind, delete.Message));
        Assert.Equal("You said: hello", (await bench.RunAsync("hello")).Text);
    }
}
