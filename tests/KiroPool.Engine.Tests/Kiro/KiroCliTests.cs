using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Prompting;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Engine.Tests.Simulated;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>The questions to kiro-cli, and the command line that follows from the answers.</summary>
public sealed class KiroCliTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("{ }", "2.9.0", true, false, false)]
    [InlineData("""{ "version": "2.27.1" }""", "2.27.1", true, true, false)]
    [InlineData("""{ "version": "2.5.0", "engineFlag": false }""", "2.5.0", false, false, false)]
    [InlineData("""{ "version": "3.2.0", "engine": "v3", "engineFlag": false }""", "3.2.0", false, true, true)]
    public async Task The_version_and_the_flags_of_kiro_cli_are_read(string settings, string version, bool hasEngineChoice, bool hasAuthMethod, bool hasV3Only)
    {
        using SimulatedAgent agent = Agent(settings);
        KiroCliInfo info = await KiroCliInfo.ProbeAsync(agent.Spec, Limit);

        Assert.Equal((version, hasEngineChoice, hasAuthMethod, hasV3Only), (info.Version, info.HasEngineChoice, info.HasAuthMethod, info.HasV3Only));
    }

    [Fact]
    public async Task Kiro_cli_is_asked_once_and_again_after_a_change()
    {
        using var agent = new SimulatedAgent();
        using var temp = new TempFolder();
        string program = OperatingSystem.IsWindows()
            ? ProgramAlias.Create(temp.FullName, "kiro-cli", agent.Spec.Executable)
            : temp.File("kiro-cli", $"#!/bin/sh\nexec '{agent.Spec.Executable}' \"$@\"\n", isProgram: true);
        var spec = new AgentSpec { Executable = program, WorkingDirectory = agent.Folder, Environment = agent.Spec.Environment };
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => KiroCliInfo.ProbeAsync(spec, Limit)));
        await KiroCliInfo.ProbeAsync(spec, Limit);
        Assert.Equal((1, 1), (agent.Count("help"), agent.Count("version")));

        File.SetLastWriteTimeUtc(program, DateTime.UtcNow.AddMinutes(-5));
        await KiroCliInfo.ProbeAsync(spec, Limit);
        Assert.Equal(2, agent.Count("help"));
    }

    [Fact]
    public async Task Any_failure_of_a_question_is_forgotten()
    {
        using SimulatedAgent agent = Agent("{ }");

        // As a system out of handles would do it: with an error of another type than the ones that are foreseen.
        await Assert.ThrowsAsync<IOException>(() => KiroCliInfo.ProbeAsync(agent.Spec, Limit, new BrokenClock()));

        Assert.Equal("2.9.0", (await KiroCliInfo.ProbeAsync(agent.Spec, Limit)).Version);
        agent.AssertNothingLives();
    }

    [Fact]
    public async Task An_answer_with_an_error_is_used_and_not_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a script of Unix.");
        using var agent = new SimulatedAgent();
        using var temp = new TempFolder();
        string broken = Path.Combine(temp.FullName, "broken");
        string program = temp.File("kiro-cli", $"#!/bin/sh\n[ ! -e '{broken}' ] || exit 71\nexec '{agent.Spec.Executable}' \"$@\"\n", isProgram: true);
        var spec = new AgentSpec { Executable = program, WorkingDirectory = agent.Folder, Environment = agent.Spec.Environment };
        File.WriteAllText(broken, "");

        KiroCliInfo failed = await KiroCliInfo.ProbeAsync(spec, Limit);
        File.Delete(broken);
        KiroCliInfo mended = await KiroCliInfo.ProbeAsync(spec, Limit);

        Assert.Equal((null, false), (failed.Version, failed.HasEngineChoice));
        Assert.Equal(("2.9.0", true), (mended.Version, mended.HasEngineChoice));
    }

    private sealed class BrokenClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => throw new IOException("Too many open files");
    }

    [Theory]
    [InlineData("{ }", null, "acp --agent-engine=v2")]
    [InlineData("{ }", KiroEngine.V1, "acp --agent-engine=v1")]
    [InlineData("""{ "engineFlag": false }""", null, "acp")]
    [InlineData("""{ "version": "2.27.1" }""", null, "acp --agent-engine=v2")]
    [InlineData("""{ "version": "2.27.1" }""", KiroEngine.V3, "acp --agent-engine=v3 --auth-method=cli")]
    [InlineData("""{ "engine": "v3", "engineFlag": false }""", null, "acp --auth-method=cli")]
    [InlineData("""{ "engine": "v3", "engineFlag": false }""", KiroEngine.V3, "acp --auth-method=cli")]
    [InlineData("""{ "engine": "v3", "version": "2.16.2" }""", KiroEngine.V3, "acp --agent-engine=v3 --auth-method=cli")]
    public async Task The_command_line_names_the_engine_and_the_protocol_sets_agent_and_model(string settings, KiroEngine? engine, string commandLine)
    {
        using SimulatedAgent agent = Agent(settings);
        var pool = new AgentPool(new PoolOptions { MinSize = 0 }, Kiro(agent, engine: engine, agentName: "kiro_planner", model: "claude-haiku-4.5"));
        PromptResult result = await pool.PromptAsync(new PromptRequest { Prompt = "hello" }).InTime();
        await pool.DisposeAsync();

        Assert.Equal([commandLine], agent.Of("start").Select(e => e.Text));
        bool isV3 = commandLine.Contains("auth-method", StringComparison.Ordinal);
        Assert.All(agent.Of("prompt"), e => Assert.Equal((isV3 ? "plan" : "kiro_planner", "claude-haiku-4.5"), (e.Agent, e.Model)));
        Assert.Equal(isV3, result.ModelVerified);
    }

    [Theory]
    [InlineData("""{ "engineFlag": false }""", KiroEngine.V3)]
    [InlineData("""{ "engine": "v3", "engineFlag": false }""", KiroEngine.V2)]
    public async Task An_unavailable_engine_is_refused(string settings, KiroEngine engine)
    {
        using SimulatedAgent agent = Agent(settings);
        var pool = new AgentPool(new PoolOptions { MinSize = 0 }, Kiro(agent, engine: engine));
        AgentException failure = await Assert.ThrowsAsync<PromptFailedException>(() => pool.PromptAsync(new PromptRequest { Prompt = "hello" }).InTime());
        await pool.DisposeAsync();

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Equal(0, agent.Count("start"));
    }

    public static TheoryData<AgentProtocol, TextSettings, KiroEngine?, string> NotSupported => new()
    {
        { AgentProtocol.Delimited, new(), KiroEngine.V3, "Acp" },
        { AgentProtocol.Acp, new() { ResumeConversation = true }, null, "Chat" },
        { AgentProtocol.Delimited, new() { ResumeConversation = true }, null, "Chat" },
        { AgentProtocol.Chat, new() { ReuseProcesses = true }, null, "Delimited" },
    };

    [Theory]
    [MemberData(nameof(NotSupported), DisableDiscoveryEnumeration = true)]
    public void A_refusal_names_the_protocol_that_supports_the_request(AgentProtocol protocol, TextSettings text, KiroEngine? engine, string can)
    {
        var spec = new AgentSpec { Executable = "/no/such/program", WorkingDirectory = "/", Protocol = protocol, Text = text, Engine = engine };

        AgentException failure = Assert.Throws<AgentException>(() => new AgentPool(new PoolOptions { MinSize = 0 }, spec));

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains(can, failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<AgentProtocol, TextSettings, string> ChatCommandLines => new()
    {
        { AgentProtocol.Chat, new(), "chat --no-interactive --model=big --agent=--trust-all-tools" },
        { AgentProtocol.Delimited, new(), "chat --interactive --model=big --agent=--trust-all-tools" },
        { AgentProtocol.Chat, new() { ResumeConversation = true, TrustAllTools = true }, "chat --no-interactive --model=big --agent=--trust-all-tools --resume --trust-all-tools" },
        { AgentProtocol.Delimited, new() { ResumeConversation = true, TrustTools = ["read", "shell"] }, "chat --interactive --model=big --agent=--trust-all-tools --trust-tools=read,shell" },
    };

    [Theory]
    [MemberData(nameof(ChatCommandLines), DisableDiscoveryEnumeration = true)]
    public void A_chat_gets_model_agent_and_trust_as_arguments_that_are_never_flags(AgentProtocol protocol, TextSettings text, string commandLine)
    {
        var spec = new AgentSpec { Executable = "/bin/kiro-cli", WorkingDirectory = "/", Protocol = protocol, Text = text, Agent = "--trust-all-tools", Model = "big" };

        Assert.Equal(commandLine, string.Join(' ', KiroCommandLine.Build(spec, new KiroCliInfo(null, false, false, false))));
    }

    [Theory]
    [InlineData(true, KiroSignInState.SignedIn)]
    [InlineData(false, KiroSignInState.SignedOut)]
    public async Task The_exit_code_of_whoami_tells_whether_kiro_cli_is_signed_in(bool signedIn, KiroSignInState state)
    {
        using var agent = new SimulatedAgent(new { signedIn });

        Assert.Equal(state, await KiroSignIn.CheckAsync(agent.Spec, Limit));
    }

    [Fact]
    public async Task Other_programs_are_not_asked_for_a_sign_in()
    {
        var spec = new AgentSpec { Executable = "/no/such/program", WorkingDirectory = "/" };

        Assert.Equal(KiroSignInState.Unknown, await KiroSignIn.CheckAsync(spec, Limit));
    }

    [Fact]
    public async Task An_unanswered_question_times_out_and_leaves_no_process()
    {
        using var agent = new SimulatedAgent(new { whoAmIMs = 60_000 });
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => KiroSignIn.CheckAsync(agent.Spec, TimeSpan.FromMilliseconds(500)).InTime());

        Assert.Equal(FailureKind.AgentStartTimedOut, failure.Kind);
        agent.AssertNothingLives();
    }

    [Fact]
    public async Task The_list_of_models_marks_the_default()
    {
        using var agent = new SimulatedAgent(new { currentModel = "claude-opus-4.5" });
        IReadOnlyList<KiroModel> models = await KiroModelList.ReadAsync(agent.Spec, Limit);

        Assert.Equal(["auto", "claude-opus-4.5", "claude-sonnet-4.5", "claude-haiku-4.5"], models.Select(m => m.Id));
        Assert.Equal("claude-opus-4.5", models.Single(m => m.IsDefault).Id);
        KiroModel opus = models[1];
        Assert.Equal(("Claude Opus 4.5", 200_000L, 1m, "credit", "claude-opus-4.5"), (opus.Name, opus.ContextTokens, opus.Rate, opus.RateUnit, opus.ToString()));
    }

    [Fact]
    public async Task Without_a_sign_in_the_list_of_models_fails_with_the_reason()
    {
        using var agent = new SimulatedAgent(new { signedIn = false });
        AgentException failure = await Assert.ThrowsAsync<AgentException>(() => KiroModelList.ReadAsync(agent.Spec, Limit));

        Assert.Equal(FailureKind.SignInRequired, failure.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no list")]
    [InlineData("{}")]
    [InlineData("""{"models": 5}""")]
    public void An_answer_without_a_list_is_an_error(string output) =>
        Assert.Equal(FailureKind.ProtocolViolation, Assert.Throws<AgentException>(() => KiroModelList.Parse(output)).Kind);

    [Fact]
    public void A_list_is_read_despite_banners_and_missing_members()
    {
        KiroModel model = Assert.Single(KiroModelList.Parse("""Checking… {"models": [{"model_id": "a", "context_window_tokens": null, "new": [1]}, {"model_name": "no id"}, 7]} done"""));

        Assert.Equal(("a", null, null, false), (model.Id, model.Name, model.ContextTokens, model.IsDefault));
    }

    [Fact]
    public void Workspace_agents_hide_user_agents_and_user_agents_hide_built_in_ones()
    {
        using var temp = new TempFolder();
        temp.File("work/.kiro/agents/review.json", """{"name": "review", "description": "ours", "model": "auto", }""");
        temp.File("work/.kiro/agents/broken.json", "{");
        temp.File("work/.kiro/agents/notes.txt");
        temp.File("home/agents/review.json", """{"description": "mine"}""");
        temp.File("home/agents/file-name.json", """{"name": "own-name"}""");
        var spec = new AgentSpec { Executable = "/bin/kiro-cli", WorkingDirectory = temp.Folder("work"), Environment = AgentSpec.NoEnvironment.Add("KIRO_HOME", temp.Folder("home")) };

        IReadOnlyList<KiroAgent> agents = KiroAgentList.Read(spec);

        Assert.Equal(
            [("broken", "Workspace"), ("kiro_default", "BuiltIn"), ("kiro_planner", "BuiltIn"), ("own-name", "User"), ("review", "Workspace")],
            agents.Select(a => (a.Name, a.Source)));
        Assert.Equal(("ours", "auto"), (agents[4].Description, agents[4].Model));
        Assert.Equal(Path.Combine(temp.FullName, "home", "agents", "file-name.json"), agents[3].Path);
    }

    private static AgentSpec Kiro(SimulatedAgent agent, AgentProtocol protocol = AgentProtocol.Acp, KiroEngine? engine = null, string? agentName = null, string? model = null) => new()
    {
        Executable = agent.Spec.Executable,
        WorkingDirectory = agent.Folder,
        Environment = agent.Spec.Environment,
        UsesKiroCommandLine = true,
        Protocol = protocol,
        Engine = engine,
        Agent = agentName,
        Model = model,
    };

    private static SimulatedAgent Agent(string settings) => new(System.Text.Json.JsonDocument.Parse(settings).RootElement);
}
