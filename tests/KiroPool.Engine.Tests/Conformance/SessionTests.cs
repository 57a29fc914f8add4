using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Several conversations in one process of an agent on the official SDK stay separate.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Prompts_in_fresh_sessions_of_one_process_do_not_see_each_other()
    {
        await using var bench = new ConformanceBench();

        PromptResult first = await bench.RunAsync("history one");
        PromptResult second = await bench.RunAsync("history two");

        Assert.Equal(("history one", "history two"), (first.Text, second.Text));
        Assert.Equal(first.ProcessId, second.ProcessId);
        Assert.NotEqual(first.SessionId, second.SessionId);
    }

    [Fact]
    public async Task A_conversation_remembers_only_its_own_turns()
    {
        await using var bench = new ConformanceBench();
        await bench.RunAsync("from a prompt before");
        using Session conversation = bench.Pool.Sessions.CreateTemporary();

        PromptResult first = await conversation.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        PromptResult second = await conversation.PromptAsync(new PromptRequest { Prompt = "history" }).InTime();

        Assert.Equal(("You said: one", "one | history"), (first.Text, second.Text));
        Assert.Equal(first.SessionId, second.SessionId);
    }

    [Fact]
    public async Task A_conversation_goes_on_after_a_cancelled_turn()
    {
        await using var bench = new ConformanceBench();
        using Session conversation = bench.Pool.Sessions.CreateTemporary();
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAsync<PromptFailedException>(
            () => conversation.PromptAsync(new PromptRequest { Prompt = "slow", OnUpdate = _ => cancel.CancelAsync() }, cancel.Token).InTime());
        PromptResult next = await conversation.PromptAsync(new PromptRequest { Prompt = "history" }).InTime();

        // " Stopping." was sent after the cancel and belongs to no prompt.
        Assert.Equal("slow | history", next.Text);
    }

    [Fact]
    public async Task Two_turns_at_once_in_one_process_keep_their_text_apart()
    {
        await using var bench = new ConformanceBench();
        AgentLease lease = await bench.Pool.RentAsync(bench.Spec, CancellationToken.None).AsTask().InTime();
        IAgentSession one = await lease.Connection.TakeSessionAsync(CancellationToken.None).AsTask().InTime();
        IAgentSession other = await lease.Connection.TakeSessionAsync(CancellationToken.None).AsTask().InTime();
        var order = new List<string>();

        TurnResult[] results = await Task.WhenAll(Meet(one, "a"), Meet(other, "b")).InTime();

        Assert.Equal([Words("a"), Words("b")], results.Select(r => r.Text));
        // The test needs both turns to run at the same time.
        Assert.True(order.IndexOf("b0 ") < order.IndexOf("a49 ") && order.IndexOf("a0 ") < order.IndexOf("b49 "), string.Concat(order));
        lease.Return();

        Task<TurnResult> Meet(IAgentSession session, string name) => session.PromptAsync(
            new TurnRequest { Parts = [new PromptPart.Text("meet " + name)], OnUpdate = update => order.Add(update.Text) }, CancellationToken.None).AsTask();

        static string Words(string name) => string.Concat(Enumerable.Range(0, 50).Select(i => $"{name}{i} "));
    }

    [Fact]
    public async Task Used_sessions_are_closed_after_their_prompts()
    {
        await using var bench = new ConformanceBench();
        var used = new List<string>();
        for (int i = 0; i < 10; i++)
            used.Add((await bench.RunAsync("stream hello")).SessionId!);

        // Sessions are closed in the background, so the last close may be open when the next prompt is answered.
        JsonElement journal = await bench.AskAsync("journal");
        for (int i = 0; i < 100 && used.Except(Ids(journal, "closed")).Any(); i++)
            journal = await bench.AskAsync("journal");

        Assert.Empty(used.Except(Ids(journal, "closed")));
        // The closing one, its own, and the one for the next prompt.
        Assert.InRange(Ids(journal, "open").Length, 1, 3);

        static string[] Ids(JsonElement journal, string name) => [.. journal.GetProperty(name).EnumerateArray().Select(id => id.GetString()!)];
    }

    [Fact]
    public async Task Forty_prompts_on_four_processes_are_each_answered_once_with_their_own_text()
    {
        await using var bench = new ConformanceBench(new PoolOptions { MaxSize = 4, MinSize = 0, MaxStarting = 4 });

        PromptResult[] results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => bench.RunAsync($"history {i}")));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"history {i}"), results.Select(r => r.Text));
        Assert.Equal(40, results.Select(r => r.SessionId).Distinct().Count());
        Assert.InRange(results.Select(r => r.ProcessId).Distinct().Count(), 1, 4);
    }
}
