using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.V3;

/// <summary>Turns of V3: their cost, their questions and their cancel.</summary>
public sealed class TurnTests
{
    private static readonly PoolOptions Quick = new() { MinSize = 0, MaxSize = 1 };

    [Fact]
    public async Task A_turn_reports_its_cost_and_a_later_report_is_not_its_own()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { tokens = true } });
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal((0.05m, 1.5), (result.Credits, result.ContextPercent));
        Assert.Equal((1200L, 80L, 1000L, 50L), (result.InputTokens, result.OutputTokens, result.CachedReadTokens, result.CachedWriteTokens));
        Assert.NotNull(result.AgentDuration);
    }

    [Fact]
    public async Task A_context_reported_after_the_response_is_the_sessions_and_not_the_turns()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { lateContextPercent = 42 } });
        Session session = pool.Pool.Sessions.Create("filling");
        PromptResult result = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "one" }, session, CancellationToken.None)).Result;
        await Eventually.HoldsAsync(() => session.ContextPercent == 42, "the late report is the session's");

        Assert.Equal(1.5, result.ContextPercent);
    }

    [Fact]
    public async Task A_replayed_turn_costs_nothing_again()
    {
        using var store = new TempFolder();
        await using var pool = new SimulatedPool(new { engine = "v3", sessionStore = store.FullName, credits = 0.25 });
        Session session = pool.Pool.Sessions.Create("costly");
        PromptResult first = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "one" }, session, CancellationToken.None)).Result;
        LiveProcesses.Kill(first.ProcessId!.Value);
        await Eventually.HoldsAsync(() => pool.Agent.Processes.Count == 0 && session.State == "Suspended", "the agent is gone");
        PromptResult second = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "two" }, session, CancellationToken.None)).Result;

        Assert.True(second.Resumed);
        Assert.Equal((0.25m, 0.5m), (second.Credits, session.Credits));
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    public async Task The_cost_of_a_turn_is_its_share_of_the_session(string engine)
    {
        await using var pool = new SimulatedPool(new { engine, standardUsage = true, credits = 0.25 });
        Session session = pool.Pool.Sessions.Create("costly");
        PromptResult first = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "one" }, session, CancellationToken.None)).Result;
        PromptResult second = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "two" }, session, CancellationToken.None)).Result;

        Assert.Equal((0.25m, "USD", 1200L), (first.Cost, first.CostCurrency, first.InputTokens));
        Assert.Equal((0.25m, "USD"), (second.Cost, second.CostCurrency));
    }

    [Theory]
    [InlineData("permission edit", "write", true)]
    [InlineData("permission edit", "fs_write", true)]
    [InlineData("permission execute", "run_command", true)]
    [InlineData("permission execute", "write", false)]
    [InlineData("permission @git/status", "@git/*", true)]
    [InlineData("permission @git/status", "@other", false)]
    public async Task Trust_applies_to_the_tool_names_of_V3(string tool, string pattern, bool allowed)
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = $"[[{tool}]] x", Permissions = new PermissionPolicy { TrustTools = [pattern] } })).Result;

        Assert.EndsWith(allowed ? "Permission: allow_once" : "Permission: reject_once", result.Text, StringComparison.Ordinal);
        Assert.Equal(allowed ? "TrustTools" : "Nobody", Assert.Single(result.ToolCalls).DecidedBy);
    }

    [Fact]
    public async Task A_question_is_never_answered_by_trust()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = "[[question Build a Feature|Fix a Bug]]", Permissions = new PermissionPolicy { TrustAllTools = true } })).Result;

        Assert.EndsWith("Answer: cancelled", result.Text, StringComparison.Ordinal);
        ToolCall question = Assert.Single(result.ToolCalls);
        Assert.Equal(("user_input", "Cancelled", "Nobody"), (question.Name, question.Permission, question.DecidedBy));
    }

    [Fact]
    public async Task A_handler_answers_a_question_with_the_name_of_an_option()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        PermissionRequest? asked = null;
        PromptResult result = (await pool.RunAsync(new PromptRequest
        {
            Prompt = "[[question Build a Feature|Fix a Bug]]",
            Permissions = new PermissionPolicy
            {
                Handler = (request, _) =>
                {
                    asked = request;
                    request.Answer = "fix a bug";
                    return Task.FromResult(PermissionDecision.Allow);
                },
            },
        })).Result;

        Assert.True(asked!.IsQuestion);
        Assert.Equal(["Build a Feature", "Fix a Bug"], asked.Options);
        Assert.EndsWith("Answer: Fix a Bug", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write", "[[permission edit]] x", "allow_once")]
    [InlineData("shell", "[[tool edit]] x", "reject_once")]
    public async Task A_review_is_accepted_where_trust_covers_every_write(string trusted, string prompt, string review)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { autopilot = false } });
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = prompt, Permissions = new PermissionPolicy { TrustTools = [trusted] } })).Result;

        Assert.EndsWith($"Review: {review}", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_ran_without_a_request_is_marked()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { asksForTools = false } });
        PromptResult result = await pool.AskAsync("[[permission edit]] x");
        ToolCall call = Assert.Single(result.ToolCalls);

        Assert.Equal((null, "Agent", true), (call.Permission, call.DecidedBy, call.RanUntrusted));
    }

    [Fact]
    public async Task A_cancel_before_the_start_of_the_turn_is_repeated()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { turnStartMs = 500 } }, Quick);
        PromptResult first = await pool.AskAsync("first");
        using var cancel = new CancellationTokenSource();
        Task<(PromptResult Result, AgentException? Failure)> run = pool.RunAsync(new PromptRequest { Prompt = "[[hang]]" }, cancel.Token);
        await pool.LoggedAsync("prompt", 2);
        await cancel.CancelAsync();
        PromptResult next = await pool.AskAsync("next");

        Assert.Equal("Cancelled", (await run).Result.Outcome);
        Assert.NotEmpty(pool.Agent.Of("cancel-lost"));
        Assert.Equal(first.ProcessId, next.ProcessId);
    }

    [Fact]
    public async Task The_debug_stream_is_quiet_about_what_every_turn_does()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" });
        await pool.AskAsync("one");
        await pool.AskAsync("two");

        Assert.DoesNotContain(pool.Log, e => e.Text.Contains("no turn ran", StringComparison.Ordinal) || e.Text.Contains("understood", StringComparison.Ordinal));
    }
}
