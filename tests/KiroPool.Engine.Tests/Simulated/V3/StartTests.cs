using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Simulated.V3;

/// <summary>Starts of kiro-cli by the command line that KiroPool makes for each generation.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("""{ "version": "2.9.0" }""", null, "acp --agent-engine=v2", "V2")]
    [InlineData("""{ "version": "3.2.0" }""", null, "acp --agent-engine=v2", "V2")]
    [InlineData("""{ "version": "2.16.2" }""", KiroEngine.V3, "acp --agent-engine=v3", "V3")]
    [InlineData("""{ "version": "2.27.1" }""", KiroEngine.V3, "acp --agent-engine=v3 --auth-method=cli", "V3")]
    [InlineData("""{ "version": "3.2.0", "engine": "v3", "engineFlag": false }""", null, "acp --auth-method=cli", "V3")]
    [InlineData("""{ "version": "3.2.0", "engine": "v3", "engineFlag": false }""", KiroEngine.V3, "acp --auth-method=cli", "V3")]
    public async Task Each_generation_starts_with_its_own_arguments_and_reports_its_engine(string settings, KiroEngine? engine, string arguments, string reports)
    {
        using var agent = new SimulatedAgent(System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(settings));
        await using AgentPool pool = Start(agent, engine);
        _ = await pool.RunAsync(new PromptRequest { Prompt = "hello" }, TestContext.Current.CancellationToken);

        Assert.Equal(arguments, Assert.Single(agent.Of("start")).Text);
        Assert.Equal(reports, pool.GetStatistics().Engine);
    }

    [Fact]
    public async Task A_kiro_cli_without_V2_advises_to_try_V3()
    {
        using var agent = new SimulatedAgent(new { version = "3.9.0", engines = new[] { "v3" } });
        await using AgentPool pool = Start(agent, engine: null);
        AgentException failure = await FailAsync(pool);

        Assert.Equal(FailureKind.AgentStartFailed, failure.Kind);
        Assert.Contains("try -Engine V3", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "version": "2.0.1", "engineFlag": false }""", FailureKind.NotSupported)]
    [InlineData("""{ "version": "2.6.0", "engines": [ "v1", "v2" ] }""", FailureKind.AgentStartFailed)]
    public async Task A_kiro_cli_that_is_too_old_for_V3_fails_with_the_needed_version(string settings, FailureKind kind)
    {
        using var agent = new SimulatedAgent(System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(settings));
        await using AgentPool pool = Start(agent, KiroEngine.V3);
        AgentException failure = await FailAsync(pool);

        Assert.Equal(kind, failure.Kind);
        Assert.Contains("needs kiro-cli 2.8", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_start_that_unpacks_the_engine_gets_its_time()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is not known where kiro-cli on Windows unpacks the engine.");
        using var agent = new SimulatedAgent(new { version = "2.27.1", v3 = new { unpackMs = 6000 } });
        await using AgentPool pool = Start(agent, KiroEngine.V3, TimeSpan.FromSeconds(4));
        PromptResult result = (await pool.RunAsync(new PromptRequest { Prompt = "hello" }, TestContext.Current.CancellationToken)).Result;

        Assert.Equal("You said: hello", result.Text);
    }

    [Fact]
    public async Task A_slow_start_of_V3_names_the_unpacking()
    {
        using var agent = new SimulatedAgent(new { version = "2.27.1", faults = new[] { new { at = "initialize", @do = "hang" } } });
        agent.AddFile(".local/share/kiro-cli/kas/server.js", "");
        await using AgentPool pool = Start(agent, KiroEngine.V3, TimeSpan.FromSeconds(4));
        AgentException failure = await FailAsync(pool);

        Assert.Equal(FailureKind.AgentStartTimedOut, failure.Kind);
        Assert.Contains("within 4 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("unpacks", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_hangs_without_a_token_names_the_remedy()
    {
        using var agent = new SimulatedAgent(new { engine = "v3", v3 = new { refusedToken = "hang" } });
        var spec = new AgentSpec { Executable = agent.Spec.Executable, Arguments = ["acp"], WorkingDirectory = agent.Folder, Environment = agent.Spec.Environment };
        await using var pool = new AgentPool(new PoolOptions { MinSize = 0, SessionTimeout = TimeSpan.FromSeconds(2) }, spec);

        AgentException failure = await FailAsync(pool);
        Assert.Contains("--auth-method cli", failure.Message, StringComparison.Ordinal);
        Assert.Matches(@"\nThe agent asked KiroPool for an access token", failure.Message);
    }

    [Fact]
    public async Task A_kiro_cli_that_is_too_old_to_sign_in_by_itself_is_not_advised_to()
    {
        using var agent = new SimulatedAgent(new { version = "2.12.0" });
        await using AgentPool pool = Start(agent, KiroEngine.V3);
        AgentException failure = await FailAsync(pool);

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
        Assert.Contains("does not have '--auth-method cli'", failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("Update kiro-cli", failure.Advice, StringComparison.Ordinal);
    }

    private static AgentPool Start(SimulatedAgent agent, KiroEngine? engine, TimeSpan? startTimeout = null) => new(
        new PoolOptions { MinSize = 0, StartTimeout = startTimeout ?? TimeSpan.FromSeconds(30) },
        new AgentSpec
        {
            Executable = agent.Spec.Executable,
            Engine = engine,
            UsesKiroCommandLine = true,
            WorkingDirectory = agent.Folder,
            Environment = agent.Spec.Environment.SetItem("HOME", agent.Folder),
        });

    private static async Task<AgentException> FailAsync(AgentPool pool) =>
        (await pool.RunAsync(new PromptRequest { Prompt = "hello" }, TestContext.Current.CancellationToken)).Failure
        ?? throw new Xunit.Sdk.XunitException("The prompt did not fail.");
}
