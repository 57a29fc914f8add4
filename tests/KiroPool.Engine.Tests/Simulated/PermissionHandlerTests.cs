using System.Collections.Concurrent;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Only a timely yes allows a tool.</summary>
public sealed class PermissionHandlerTests
{
    [Fact]
    public async Task A_handler_gets_the_request_and_its_yes_counts_once()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        var asked = new ConcurrentQueue<PermissionRequest>();
        PermissionPolicy policy = Handler((request, _) =>
        {
            asked.Enqueue(request);
            return Task.FromResult(PermissionDecision.Allow);
        });

        PromptResult result = await SessionBench.SayAsync(session, "[[permission execute]] [[permission execute]]", policy);

        Assert.Equal(2, asked.Count);
        PermissionRequest first = asked.First();
        Assert.Equal(("Simulated execute", "execute", session.SessionId), (first.Title, first.Kind, first.SessionId));
        Assert.Equal("""{"simulated":"execute"}""", first.Input);
        Assert.Equal(["allow_once", "allow_once"], Answers(bench));
        Assert.All(result.ToolCalls, call => Assert.Equal(("completed", "Allowed", "Handler"), (call.Status, call.Permission, call.DecidedBy)));
    }

    [Fact]
    public async Task Always_holds_only_for_this_session_and_this_tool()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        int asked = 0;
        PermissionPolicy always = Handler((_, _) =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(PermissionDecision.AllowAlways);
        });
        await SessionBench.SayAsync(session, "[[permission execute]]", always);
        PromptResult again = await SessionBench.SayAsync(session, "[[permission execute]] [[permission edit]]");
        PromptResult other = await SessionBench.SayAsync(bench.Pool.Sessions.Create("other"), "[[permission execute]]");

        Assert.Equal(1, asked);
        Assert.Equal([("Allowed", "Session"), ("Rejected", "Nobody")], again.ToolCalls.Select(call => (call.Permission, call.DecidedBy)));
        Assert.Equal("Nobody", Assert.Single(other.ToolCalls).DecidedBy);

        // The agent itself is never asked to remember it.
        Assert.Equal(["allow_once", "allow_once", "reject_once", "reject_once"], Answers(bench));
    }

    [Fact]
    public async Task Always_still_holds_in_the_process_that_resumes_the_conversation()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult before = await SessionBench.SayAsync(session, "[[permission execute]]", Handler((_, _) => Task.FromResult(PermissionDecision.AllowAlways)));
        await LiveProcesses.EndAsync(before.ProcessId!.Value);

        Assert.Equal("Session", Assert.Single((await SessionBench.SayAsync(session, "[[permission execute]]")).ToolCalls).DecidedBy);
    }

    [Theory]
    [InlineData("reject", "Handler")]
    [InlineData("throw", "HandlerFailed")]
    [InlineData("throw at once", "HandlerFailed")]
    [InlineData("cancel", "HandlerFailed")]
    [InlineData("null", "HandlerFailed")]
    [InlineData("unknown", "Handler")]
    [InlineData("never", "HandlerTimedOut")]
    public async Task Every_answer_except_a_timely_yes_is_a_no(string how, string decidedBy)
    {
        await using var bench = new SessionBench();
        PermissionPolicy policy = Handler(async (_, cancellationToken) =>
        {
            await Task.Yield();
            switch (how)
            {
                case "throw": throw new InvalidOperationException("no idea");
                case "cancel": throw new OperationCanceledException();
                case "unknown": return (PermissionDecision)42;
                case "never": await Task.Delay(Timeout.Infinite, cancellationToken); return PermissionDecision.Allow;
                default: return PermissionDecision.Reject;
            }
        });
        if (how == "never")
            policy = policy with { HandlerTimeout = TimeSpan.FromMilliseconds(200) };
        if (how == "throw at once")
            policy = Handler((_, _) => throw new InvalidOperationException("no idea"));
        if (how == "null")
            policy = Handler((_, _) => null!);

        PromptResult result = await SessionBench.SayAsync(bench.Pool.Sessions.Create("s"), "[[permission execute]] x", policy);

        Assert.Equal("You said: [[permission execute]] x\nPermission: reject_once", result.Text);
        Assert.Equal(("Rejected", decidedBy), Assert.Single(result.ToolCalls.Select(call => (call.Permission, call.DecidedBy))));
    }

    [Fact]
    public async Task A_cancelled_turn_answers_its_open_question_and_a_late_yes_approves_nothing()
    {
        await using var bench = new SessionBench();
        Session session = bench.Pool.Sessions.Create("s");
        var late = new TaskCompletionSource<PermissionDecision>();
        var asked = new TaskCompletionSource();
        CancellationToken handlers = default;
        using var cancel = new CancellationTokenSource();
        PermissionPolicy policy = Handler((_, cancellationToken) =>
        {
            handlers = cancellationToken;
            asked.TrySetResult();
            return late.Task;
        });
        Task<PromptResult> running = session.PromptAsync(new PromptRequest { Prompt = "[[permission execute]]", Permissions = policy }, cancel.Token);
        await asked.Task.InTime();
        await cancel.CancelAsync();
        PromptFailedException cancelled = await Assert.ThrowsAsync<PromptFailedException>(() => running.InTime());
        await Eventually.HoldsAsync(() => bench.Agent.Count("permission") == 1);
        await Eventually.HoldsAsync(() => handlers.IsCancellationRequested);

        // The next turn asks for the same tool while the old answer is still pending.
        var second = new TaskCompletionSource();
        Task<PromptResult> next = SessionBench.SayAsync(session, "[[permission execute]]", Handler(async (_, cancellationToken) =>
        {
            second.TrySetResult();
            late.TrySetResult(PermissionDecision.AllowAlways);
            await Task.Delay(50, cancellationToken);
            return PermissionDecision.Reject;
        }));
        await second.Task.InTime();

        Assert.Equal("Handler", Assert.Single((await next).ToolCalls).DecidedBy);
        Assert.Equal("Cancelled", cancelled.Result.Outcome);
        Assert.Equal(["cancelled", "reject_once"], Answers(bench));
        Assert.Equal("Nobody", Assert.Single((await SessionBench.SayAsync(session, "[[permission execute]]")).ToolCalls).DecidedBy);
    }

    [Fact]
    public async Task An_agent_is_not_silent_while_a_permission_is_pending()
    {
        await using var bench = new SessionBench();
        PermissionPolicy slow = Handler(async (_, cancellationToken) =>
        {
            await Task.Delay(2500, cancellationToken);
            return PermissionDecision.Allow;
        });
        PromptResult result = await bench.Pool.PromptAsync(
            new PromptRequest { Prompt = "[[permission execute]]", Permissions = slow, InactivityTimeout = TimeSpan.FromSeconds(1.5) }, TestContext.Current.CancellationToken).InTime();
        Assert.Equal("Allowed", Assert.Single(result.ToolCalls).Permission);
    }

    [Fact]
    public async Task A_yes_after_a_cancel_allows_nothing_however_soon_the_agent_asks()
    {
        // The watch over silence begins right after the prompt was sent.
        using var agent = new SimulatedAgent();
        var clock = new HeldClock { Limit = TimeSpan.FromHours(1), BeforeLimit = () => Eventually.Holds(() => agent.Count("permission") == 1) };
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0 }, agent.Spec, clock);
        using var cancel = new CancellationTokenSource();
        PermissionPolicy policy = Handler(async (_, _) =>
        {
            await cancel.CancelAsync();
            return PermissionDecision.Allow;
        });
        var request = new PromptRequest { Prompt = "[[permission execute]]", Permissions = policy, InactivityTimeout = clock.Limit };
        (PromptResult result, _) = await pool.RunAsync(request, cancel.Token).InTime();
        await pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.Equal("Cancelled", result.Outcome);
        Assert.DoesNotContain("allow_once", agent.Of("permission").Select(e => e.Answer));
    }

    [Theory]
    [InlineData("read", "read", true)]
    [InlineData("READ", "read", true)]
    [InlineData("fs_write", "edit", true)]
    [InlineData("shell", "execute", true)]
    [InlineData("read", "edit", false)]
    [InlineData("@git/*", "@git/status", true)]
    [InlineData("@git", "@git/status", true)]
    [InlineData("@git/status", "@git/push", false)]
    [InlineData("@git/*", "@github/status", false)]
    [InlineData("@git/*", "execute", false)]
    [InlineData("other", "@git/status", false)]
    [InlineData("other", "other", false)]
    [InlineData("Simulated*", "execute", false)]
    [InlineData("*", "other", true)]
    [InlineData(" ", "read", false)]
    public async Task Trusted_tools_are_allowed_by_name_or_kind_and_never_by_title(string pattern, string tool, bool allowed)
    {
        await using var pool = new SimulatedPool();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = $"[[permission {tool}]]", Permissions = new PermissionPolicy { TrustTools = ["nothing", pattern] } });
        Assert.Equal(allowed ? ("Allowed", "TrustTools") : ("Rejected", "Nobody"), Assert.Single(result.ToolCalls.Select(call => (call.Permission!, call.DecidedBy!))));
    }

    [Fact]
    public async Task All_tools_are_allowed_when_all_are_trusted()
    {
        await using var pool = new SimulatedPool();
        (PromptResult result, _) = await pool.RunAsync(new PromptRequest { Prompt = "[[permission execute]]", Permissions = new PermissionPolicy { TrustAllTools = true } });
        Assert.Equal(("Allowed", "TrustAllTools"), Assert.Single(result.ToolCalls.Select(call => (call.Permission, call.DecidedBy))));
        Assert.Equal("You said: [[permission execute]]\nPermission: allow_once", result.Text);
    }

    [Fact]
    public async Task The_pools_trust_applies_to_prompts_without_their_own()
    {
        using var agent = new SimulatedAgent();
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0 }, agent.Spec) { Permissions = new PermissionPolicy { TrustTools = ["read"] } };
        PromptResult trusting = await pool.PromptAsync(new PromptRequest { Prompt = "[[permission read]]" }, TestContext.Current.CancellationToken).InTime();
        PromptResult distrusting = await pool.PromptAsync(new PromptRequest { Prompt = "[[permission read]]", Permissions = PermissionPolicy.None }, TestContext.Current.CancellationToken).InTime();
        await pool.StopAsync(PoolStopMode.Cancel).InTime();

        Assert.Equal("TrustTools", Assert.Single(trusting.ToolCalls).DecidedBy);
        Assert.Equal("Nobody", Assert.Single(distrusting.ToolCalls).DecidedBy);
        agent.AssertNothingLives();
    }

    private static PermissionPolicy Handler(Func<PermissionRequest, CancellationToken, Task<PermissionDecision>> handler) => new() { Handler = handler };

    private static string?[] Answers(SessionBench bench) => [.. bench.Agent.Of("permission").Select(e => e.Answer)];
}
