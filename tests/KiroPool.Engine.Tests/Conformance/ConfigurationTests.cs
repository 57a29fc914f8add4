using System.Text.Json;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>Directory, mode and model are set as an agent on the official SDK expects.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Without_a_request_the_result_shows_the_agents_defaults()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("session");

        Assert.Equal(("code", "small", true), (result.Agent, result.Model, result.ModelVerified));
        Assert.Equal((bench.Spec.WorkingDirectory, "code", "small"), Session(result));
    }

    [Fact]
    public async Task A_mode_and_a_model_from_a_group_are_set_and_confirmed()
    {
        await using var bench = new ConformanceBench(agent: "review", model: "large");

        PromptResult result = await bench.RunAsync("session");

        Assert.Equal(("review", "large", true), (result.Agent, result.Model, result.ModelVerified));
        Assert.Equal((bench.Spec.WorkingDirectory, "review", "large"), Session(result));
    }

    [Fact]
    public async Task Every_new_session_gets_mode_and_model()
    {
        await using var bench = new ConformanceBench(agent: "review", model: "large");

        PromptResult[] results = [await bench.RunAsync("session"), await bench.RunAsync("session"), await bench.RunAsync("session")];

        Assert.Single(results.Select(r => r.ProcessId).Distinct());
        Assert.All(results, result => Assert.Equal((bench.Spec.WorkingDirectory, "review", "large"), Session(result)));
    }

    [Fact]
    public async Task The_result_shows_a_mode_that_the_agent_changed_itself()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.RunAsync("mode review");
        PromptResult next = await bench.RunAsync("session");

        Assert.Equal(("Now review.", "review"), (result.Text, result.Agent));
        Assert.Equal("code", next.Agent);
    }

    [Fact]
    public async Task A_mode_that_the_agent_leaves_during_a_turn_fails_neither_this_prompt_nor_the_next()
    {
        await using var bench = new ConformanceBench(agent: "code");
        Session session = bench.Pool.Sessions.Create("s");

        PromptResult result = await session.SayAsync("mode review");
        PromptResult next = await session.SayAsync("history");

        Assert.Equal(("Now review.", "mode review | history", "review"), (result.Text, next.Text, next.Agent));
    }

    [Fact]
    public async Task An_unknown_model_is_an_error_that_lists_the_offered_ones()
    {
        await using var bench = new ConformanceBench(model: "enormous");

        PromptFailedException failure = await bench.FailAsync("session");

        Assert.Equal((FailureKind.ModelNotFound, "enormous"), (failure.Kind, failure.Value));
        Assert.Contains("offers small, large, huge", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_mode_is_an_error_that_lists_the_offered_ones()
    {
        await using var bench = new ConformanceBench(agent: "poet");

        PromptFailedException failure = await bench.FailAsync("session");

        Assert.Equal((FailureKind.AgentNotFound, "poet"), (failure.Kind, failure.Value));
        Assert.Contains("offers code, review", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_the_agent_silently_ignores_is_an_error()
    {
        await using var bench = new ConformanceBench(model: "huge");

        PromptFailedException failure = await bench.FailAsync("session");

        Assert.Equal((FailureKind.ModelNotFound, "huge"), (failure.Kind, failure.Value));
        Assert.Contains("small", failure.Message, StringComparison.Ordinal);
    }

    private static (string? Cwd, string? Mode, string? Model) Session(PromptResult result)
    {
        JsonElement session = JsonSerializer.Deserialize<JsonElement>(result.Text);
        return (session.GetProperty("cwd").GetString(), session.GetProperty("mode").GetString(), session.GetProperty("model").GetString());
    }
}
