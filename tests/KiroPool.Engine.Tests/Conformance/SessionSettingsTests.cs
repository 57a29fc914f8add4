using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Prompting;

namespace KiroPool.Engine.Tests.Conformance;

/// <summary>MCP servers, options, directories, system prompts and metadata, with an agent on the official SDK.</summary>
public sealed class SessionSettingsTests
{
    private static readonly McpServer Docs = McpServer.ForUrl("docs", "https://docs.example/mcp", [KeyValuePair.Create("Authorization", "secret-token")]);
    private static readonly McpServer Bare = McpServer.ForUrl("bare", "https://bare.example/mcp");
    private static readonly McpServer Git = McpServer.ForCommand("git", "/opt/git-mcp", ["--all", "a b"], [KeyValuePair.Create("TOKEN", "secret-value")]);

    [Fact]
    public async Task Servers_directories_a_system_prompt_and_metadata_reach_the_agent()
    {
        await using var bench = new ConformanceBench(isFull: true, session: new SessionSettings
        {
            McpServers = [Docs, Bare, Git],
            AdditionalDirectories = ["/srv/one", "/srv/two"],
            SystemPrompt = "Answer briefly.",
            Meta = """{"vendor":{"team":"ops"}}""",
        });

        JsonElement setup = await bench.AskAsync("setup");

        AssertJson("""
            [
              {"type":"http","name":"docs","url":"https://docs.example/mcp","headers":[{"name":"Authorization","value":"secret-token"}]},
              {"type":"http","name":"bare","url":"https://bare.example/mcp","headers":[]},
              {"name":"git","command":"/opt/git-mcp","args":["--all","a b"],"env":[{"name":"TOKEN","value":"secret-value"}]}
            ]
            """, setup.GetProperty("mcpServers"));
        AssertJson("""["/srv/one","/srv/two"]""", setup.GetProperty("additionalDirectories"));
        AssertJson("""{"mode":"append","content":[{"type":"text","text":"Answer briefly."}]}""", setup.GetProperty("systemPrompt"));
        AssertJson("""{"vendor":{"team":"ops"}}""", setup.GetProperty("_meta"));
    }

    [Fact]
    public async Task A_resumed_conversation_gets_them_too()
    {
        await using var bench = new ConformanceBench(isFull: true, session: new SessionSettings { McpServers = [Docs], AdditionalDirectories = ["/srv/one"] });
        Session session = bench.Pool.Sessions.Create("s");
        PromptResult first = await session.PromptAsync(new PromptRequest { Prompt = "one" }).InTime();
        await LiveProcesses.EndAsync(first.ProcessId!.Value);

        PromptResult resumed = await session.PromptAsync(new PromptRequest { Prompt = "setup" }).InTime();

        JsonElement setup = JsonSerializer.Deserialize<JsonElement>(resumed.Text);
        Assert.True(resumed.Resumed);
        Assert.Equal(first.SessionId, setup.GetProperty("sessionId").GetString());
        Assert.Equal("docs", setup.GetProperty("mcpServers")[0].GetProperty("name").GetString());
        Assert.Equal("/srv/one", setup.GetProperty("additionalDirectories")[0].GetString());
    }

    [Fact]
    public async Task Options_are_set_as_switches_and_as_choices()
    {
        await using var bench = new ConformanceBench(session: Options(("verbose", "true"), ("Autopilot", "true")));

        AssertJson("""{"verbose":true,"autopilot":"on"}""", await bench.AskAsync("options"));
    }

    [Theory]
    [InlineData("effort", "high", "has no option 'effort'; it offers verbose, autopilot, stubborn, llm")]
    [InlineData("autopilot", "maybe", "has no value 'maybe' of its option 'autopilot'; it offers on, off")]
    [InlineData("stubborn", "new", "did not take the value 'new' of its option 'stubborn'; the value in force is 'old'")]
    public async Task An_option_that_is_not_in_force_is_not_supported(string option, string value, string said)
    {
        await using var bench = new ConformanceBench(session: Options((option, value)));

        PromptFailedException failure = await bench.FailAsync("hello");

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("The agent 'conformance' " + said, failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Unsupported => new()
    {
        { "http", "does not take MCP servers at an address (mcpCapabilities.http), so 'docs' would be missing" },
        { "sse", "does not take MCP servers with the transport sse (mcpCapabilities.sse), so 'old' would be missing" },
        { "directory", "does not take additional directories" },
        { "system", "does not take a system prompt" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task A_value_that_the_agent_would_ignore_is_not_supported(string what, string said)
    {
        var settings = what switch
        {
            "http" => new SessionSettings { McpServers = [Docs] },
            "sse" => new SessionSettings { McpServers = [McpServer.ForUrl("old", "https://old.example/sse", transport: "sse")] },
            "directory" => new SessionSettings { AdditionalDirectories = ["/srv/one"] },
            _ => new SessionSettings { SystemPrompt = "Answer briefly." },
        };
        await using var bench = new ConformanceBench(session: settings);

        PromptFailedException failure = await bench.FailAsync("hello");

        Assert.Equal(FailureKind.NotSupported, failure.Kind);
        Assert.Contains("The agent 'conformance' " + said, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_of_a_prompt_reaches_the_agent()
    {
        await using var bench = new ConformanceBench();

        PromptResult result = await bench.Pool.PromptAsync(new PromptRequest { Prompt = "meta", Meta = """{"vendor":{"priority":3}}""" }, TestContext.Current.CancellationToken).InTime();

        AssertJson("""{"vendor":{"priority":3}}""", JsonSerializer.Deserialize<JsonElement>(result.Text));
        Assert.Equal("null", (await bench.RunAsync("meta")).Text);
    }

    [Fact]
    public void The_values_are_part_of_the_key_and_in_no_text()
    {
        AgentSpec plain = new() { Executable = "/bin/agent", WorkingDirectory = "/srv" };
        AgentSpec one = plain.With(session: new SessionSettings { McpServers = [Git, Docs] });
        AgentSpec same = plain.With(session: new SessionSettings
        {
            McpServers = [McpServer.ForCommand("git", "/opt/git-mcp", ["--all", "a b"], [KeyValuePair.Create("TOKEN", "secret-value")]), Docs],
        });

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(plain, one);
        Assert.NotEqual(plain, plain.With(session: Options(("effort", "high"))));
        Assert.NotEqual(plain, plain.With(session: new SessionSettings { Meta = "{}" }));
        Assert.DoesNotContain("secret", $"{one} {one.Session} {Git} {Docs}", StringComparison.Ordinal);
    }

    private static SessionSettings Options(params (string Name, string Value)[] options) => new()
    {
        ConfigOptions = SessionSettings.Default.ConfigOptions.AddRange(options.Select(option => KeyValuePair.Create(option.Name, option.Value))),
    };

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(expected), actual), actual.GetRawText());
}
