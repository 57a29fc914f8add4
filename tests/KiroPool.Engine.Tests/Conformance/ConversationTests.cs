using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Conversations and permissions with an agent on the official SDK.</summary>
public sealed class ConversationTests
{
    [Fact]
    public async Task A_conversation_of_three_turns_outlives_its_killed_process()
    {
        await using var bench = new ConformanceBench();
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("one");
        await session.SayAsync("two");
        PromptResult third = await session.SayAsync("history");
        Assert.Equal("one | two | history", third.Text);
        await LiveProcesses.EndAsync(third.ProcessId!.Value);

        PromptResult after = await session.SayAsync("history");

        Assert.Equal(("one | two | history | history", true, third.SessionId), (after.Text, after.Resumed, after.SessionId));
        Assert.NotEqual(third.ProcessId, after.ProcessId);
    }

    [Fact]
    public async Task A_suspended_conversation_is_resumed_on_use()
    {
        await using var bench = new ConformanceBench(agent: "review", model: "large");
        Session session = bench.Pool.Sessions.Create("s");
        await session.SayAsync("one");
        await bench.RunAsync("another");
        Assert.Equal("Suspended", session.State);

        Assert.Equal("one | history", (await session.SayAsync("history")).Text);
        PromptResult setting = await session.SayAsync("session");
        Assert.Contains("\"mode\":\"review\",\"model\":\"large\"", setting.Text, StringComparison.Ordinal);
        Assert.Equal(1, bench.Pool.GetStatistics().EndedBy["Suspended"]);
    }

    [Fact]
    public async Task A_conversation_that_the_agent_does_not_know_is_lost()
    {
        await using var bench = new ConformanceBench();
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult one = await session.SayAsync("one");
        File.Delete(Path.Combine(bench.Spec.WorkingDirectory, one.SessionId + ".transcript"));
        await LiveProcesses.EndAsync(one.ProcessId!.Value);

        PromptFailedException lost = await Assert.ThrowsAsync<PromptFailedException>(() => session.SayAsync("two"));
        Assert.Equal((FailureKind.SessionLost, "Lost"), (lost.Kind, session.State));
    }

    [Theory]
    [InlineData(PermissionDecision.Allow, "b", "Allowed")]
    [InlineData(PermissionDecision.AllowAlways, "b", "Allowed")]
    [InlineData(PermissionDecision.Reject, "d", "Rejected")]
    public async Task A_permission_is_answered_by_the_kind_of_an_option(PermissionDecision decision, string option, string permission)
    {
        await using var bench = new ConformanceBench();
        var policy = new PermissionPolicy { Handler = (_, _) => Task.FromResult(decision) };

        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "ask", Permissions = policy }, TestContext.Current.CancellationToken).InTime();

        Assert.Equal($"You chose {option}.", result.Text);
        Assert.Equal((permission, "Handler"), Assert.Single(result.ToolCalls.Select(call => (call.Permission, call.DecidedBy))));
    }

    [Fact]
    public async Task A_cancelled_turn_answers_its_open_question_with_cancelled()
    {
        await using var bench = new ConformanceBench();
        Session session = bench.Pool.Sessions.Create("s");
        using var cancel = new CancellationTokenSource();
        var policy = new PermissionPolicy
        {
            Handler = async (_, cancellationToken) =>
            {
                await cancel.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return PermissionDecision.Allow;
            },
        };

        Task<PromptResult> cancelled = session.PromptAsync(new PromptRequest { Prompt = "ask", Permissions = policy }, cancel.Token).InTime();
        Assert.Equal(FailureKind.PromptCancelled, (await Assert.ThrowsAsync<PromptFailedException>(() => cancelled)).Kind);

        Assert.Equal("ask | history", (await session.SayAsync("history")).Text);
    }

    [Fact]
    public async Task A_question_that_the_agent_cancels_is_answered_with_cancelled_and_the_turn_goes_on()
    {
        await using var bench = new ConformanceBench();
        var withdrawn = new TaskCompletionSource();
        var policy = new PermissionPolicy
        {
            Handler = async (_, cancellationToken) =>
            {
                using CancellationTokenRegistration end = cancellationToken.Register(withdrawn.SetResult);
                await File.WriteAllTextAsync(Path.Combine(bench.Spec.WorkingDirectory, "asked"), "", CancellationToken.None);
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return PermissionDecision.Allow;
            },
        };

        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "unask", Permissions = policy }, TestContext.Current.CancellationToken).InTime();

        Assert.Equal("Asked. cancelled", result.Text);
        Assert.Equal(("Cancelled", "Agent"), Assert.Single(result.ToolCalls.Select(call => (call.Permission, call.DecidedBy))));
        await withdrawn.Task.InTime();
    }

    [Fact]
    public async Task Plans_usage_and_modes_are_updates()
    {
        await using var bench = new ConformanceBench();
        var seen = new List<string>();
        await bench.RunAsync("extras", update => seen.Add($"{update.Kind}: {update}"));
        await bench.RunAsync("usage", update => seen.Add($"{update.Kind}: {update}"));
        await bench.RunAsync("mode review", update => seen.Add($"{update.Kind}: {update}"));

        Assert.Equal(
            ["Text: before", "Plan: [-] Read", "Content: [image: image/png, 3 bytes]", "Content: [resource_link: a]", "Text:  after", "Usage: context 5 % full", "Usage: context 25 % full", "Text: Counted.", "Mode: now review", "Text: Now review."],
            seen);
    }
}
