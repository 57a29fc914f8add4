using System.Text.Json;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>The settings of the simulator: a wrong one must not go unnoticed, or the test that has it proves nothing.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("""{ "turnms": 1 }""", "\"turnms\" is no setting")]
    [InlineData("""{ "theVersion": "2.9.0" }""", "\"theVersion\" is no setting")]
    [InlineData("""{ "turnMs": "1" }""", "\"turnMs\": \"1\" is no Int32")]
    [InlineData("""{ "turnMs": 2147483648 }""", "\"turnMs\": 2147483648 is no Int32")]
    [InlineData("""{ "turnMs": null }""", "\"turnMs\": null is no Int32")]
    [InlineData("""{ "faults": null }""", "\"faults\": null is no Fault[]")]
    [InlineData("""{ "faults": [null] }""", "\"faults[0]\": null is no Fault")]
    [InlineData("""{ "engine": "v9" }""", "\"engine\": \"v9\" is no V2 or V3")]
    [InlineData("""{ "close": 1 }""", "\"close\": 1 is no Kiro or Standard or None")]
    [InlineData("""{ "engine": "1" }""", "\"engine\": \"1\" is no V2 or V3")]
    [InlineData("""{ "faults": [{ "at": "prompt" }] }""", "a fault needs \"at\" and \"do\"")]
    [InlineData("""{ "faults": [{ "at": "missing", "do": "crash" }] }""", "\"faults[0].at\": \"missing\" is no Start or")]
    [InlineData("""{ "faults": [{ "at": "prompt", "do": "crash, hang" }] }""", "\"faults[0].do\": \"crash, hang\" is no Crash or")]
    [InlineData("""{ "faults": [{ "at": "start", "do": "late" }] }""", "fault \"late\" cannot happen at \"start\"")]
    [InlineData("""{ "v3": { "usage": { "plan": 1 } } }""", "\"v3.usage.plan\": 1 is no String")]
    public async Task A_wrong_setting_ends_the_agent_and_is_named(string settings, string reason)
    {
        await using SimulatedPool pool = Pool(settings);

        AgentException failure = await pool.FailAsync("x");

        Assert.Contains($"error: KIROPOOL_SIMULATOR: {reason}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_the_protocol_are_points_of_faults_and_an_optional_setting_may_be_null()
    {
        await using SimulatedPool pool = Pool("""
            { "close": null, "currentModel": null, "v3": { "usage": null, "models": "never" }, "faults": [{ "at": "session/new", "do": "slow", "ms": 1 }, { "at": "set_mode", "do": "slow", "ms": 1 }] }
            """);

        Assert.Equal("You said: x", (await pool.AskAsync("x")).Text);
    }

    private static SimulatedPool Pool(string settings) =>
        new(JsonSerializer.Deserialize<JsonElement>(settings), new PoolOptions { MinSize = 0, BreakerThreshold = 1 });
}
