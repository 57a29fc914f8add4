using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Simulated.V3;

/// <summary>Sessions of V3: their configuration, their resume, and their close on each generation.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData("2.16.2", "_kiro/session/delete")]
    [InlineData("2.27.1", "session/close")]
    [InlineData("3.2.0", "session/close")]
    public async Task Every_session_of_a_stand_alone_prompt_is_ended_on_each_generation(string version, string method)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", version });
        for (int i = 0; i < 4; i++)
            await pool.AskAsync($"prompt {i}");
        await pool.LoggedAsync("close", 4);

        Assert.All(pool.Agent.Of("close"), e => Assert.Equal(method, e.Text));
        Assert.Equal(pool.Agent.Of("prompt").Select(e => e.SessionId), pool.Agent.Of("close").Select(e => e.SessionId));
        Assert.Equal("V3", pool.Statistics.Processes[0].Engine);
    }

    [Fact]
    public async Task An_unknown_close_method_is_recognized_by_its_text_and_tried_once()
    {
        await using var pool = new SimulatedPool(new { engine = "v3", close = "none" });
        for (int i = 0; i < 3; i++)
            await pool.AskAsync($"prompt {i}");

        // It is tried once, and known after that.
        await pool.LoggedAsync("error", 1);
        Assert.Single(pool.Agent.Of("error"));
    }

    [Fact]
    public async Task A_conversation_is_never_destroyed()
    {
        using var bench = new TempFolder();
        await using var pool = new SimulatedPool(new { engine = "v3", version = "2.16.2", sessionStore = bench.FullName });
        Session session = pool.Pool.Sessions.Create("kept");
        await pool.Pool.RunAsync(new PromptRequest { Prompt = "one" }, session, CancellationToken.None);
        session.Dispose();
        await pool.AskAsync("other");
        await pool.LoggedAsync("close", 1);

        Assert.DoesNotContain(session.SessionId, pool.Agent.Of("close").Select(e => e.SessionId));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("empty")]
    [InlineData("hang")]
    public async Task A_conversation_that_no_longer_exists_is_lost_and_may_be_restarted(string unknownSession)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { unknownSession } }, new PoolOptions { MinSize = 0, SessionTimeout = TimeSpan.FromSeconds(5) });
        Session session = pool.Pool.Sessions.Create("lost");
        PromptResult first = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "one" }, session, CancellationToken.None)).Result;
        LiveProcesses.Kill(first.ProcessId!.Value);
        await Eventually.HoldsAsync(() => pool.Agent.Processes.Count == 0 && session.State == "Suspended", "the agent is gone");

        (PromptResult _, AgentException? failure) = await pool.Pool.RunAsync(new PromptRequest { Prompt = "two" }, session, CancellationToken.None);
        PromptResult afresh = (await pool.Pool.RunAsync(new PromptRequest { Prompt = "three", AllowNewConversation = true }, session, CancellationToken.None)).Result;

        Assert.Equal(FailureKind.SessionLost, failure!.Kind);
        Assert.Equal(("Completed", true), (afresh.Outcome, afresh.StartedAfresh));
    }

    [Theory]
    [InlineData("reply", true)]
    [InlineData("early", true)]
    [InlineData("after", true)]
    [InlineData("late", true)]
    [InlineData("never", false)]
    public async Task A_model_is_verified_if_a_list_contains_it(string models, bool verified)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { models } }, model: verified ? "Claude-Haiku-4.5" : "claude-haiku-4.5");
        PromptResult result = await pool.AskAsync("hello");

        Assert.Equal(verified, result.ModelVerified);
        Assert.Equal("claude-haiku-4.5", result.Model, ignoreCase: true);
    }

    [Theory]
    [InlineData("reply")]
    [InlineData("early")]
    [InlineData("late")]
    [InlineData("never")]
    public async Task A_model_that_is_only_echoed_is_not_found(string models)
    {
        await using var pool = new SimulatedPool(new { engine = "v3", v3 = new { models } }, model: "gpt-9");
        AgentException failure = await pool.FailAsync("hello");

        Assert.Equal((FailureKind.ModelNotFound, "gpt-9"), (failure.Kind, failure.Value));
    }

    [Theory]
    [InlineData("kiro_default", "vibe")]
    [InlineData("kiro_planner", "plan")]
    [InlineData("spec", "spec")]
    public async Task Agents_of_V2_have_their_names_of_V3(string asked, string runs)
    {
        await using var pool = new SimulatedPool(new { engine = "v3" }, agent: asked);

        Assert.Equal(runs, (await pool.AskAsync("hello")).Agent);
    }

    [Fact]
    public async Task An_unknown_agent_is_not_found()
    {
        await using var pool = new SimulatedPool(new { engine = "v3" }, agent: "nobody");

        Assert.Equal((FailureKind.AgentNotFound, "nobody"), (await pool.FailAsync("hello")) is var e ? (e.Kind, e.Value) : default);
    }

    [Fact]
    public async Task The_result_names_another_model_that_answered()
    {
        await using var pool = new SimulatedPool(model: "claude-opus-4.5");
        PromptResult result = await pool.AskAsync("[[other-model claude-haiku-4.5]]");

        Assert.Equal(("claude-haiku-4.5", true), (result.Model, result.ModelVerified));
    }
}
