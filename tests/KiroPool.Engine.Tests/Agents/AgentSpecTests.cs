using System.Collections.Immutable;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

public sealed class AgentSpecTests
{
    [Fact]
    public void Specs_with_equal_values_are_one_key()
    {
        AgentSpec one = Make();
        AgentSpec other = Make();

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    [Fact]
    public void The_order_of_variables_does_not_matter()
    {
        AgentSpec one = Make(environment: AgentSpec.NoEnvironment.Add("A", "1").Add("B", "2"));
        AgentSpec other = Make(environment: AgentSpec.NoEnvironment.Add("B", "2").Add("A", "1"));

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    public static TheoryData<string, AgentSpec> OtherSpecs => new()
    {
        { "executable", Make(executable: "/bin/other") },
        { "directory", Make(directory: "/other") },
        { "agent", Make(agent: "other") },
        { "no agent", Make(agent: null) },
        { "model", Make(model: "other") },
        { "fewer arguments", Make(arguments: ["acp"]) },
        { "order of arguments", Make(arguments: ["--flag", "acp"]) },
        { "arguments that read the same when joined", Make(arguments: ["acp --flag"]) },
        { "variable's value", Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", "other")) },
        { "variable's name", Make(environment: AgentSpec.NoEnvironment.Add("NEKOT", "secret")) },
        { "variable that is removed", Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", null)) },
        { "variable more", Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", "secret").Add("MORE", "")) },
        { "no variables", Make(environment: AgentSpec.NoEnvironment) },
    };

    [Theory]
    [MemberData(nameof(OtherSpecs), DisableDiscoveryEnumeration = true)]
    public void A_spec_that_differs_in_one_value_is_another_key(string difference, AgentSpec other)
    {
        Assert.False(Make().Equals(other), difference);
        Assert.False(other.Equals(Make()), difference);
    }

    public static TheoryData<string, TextSettings> OtherTextSettings => new()
    {
        { "trust in all", new TextSettings { TrustAllTools = true } },
        { "trust in one", new TextSettings { TrustTools = ["shell"] } },
        { "resume", new TextSettings { ResumeConversation = true } },
        { "reuse", new TextSettings { ReuseProcesses = true } },
        { "message delimiter", new TextSettings { MessageDelimiter = "\n.\n" } },
        { "response delimiter", new TextSettings { ResponseDelimiter = "\n.\n" } },
    };

    [Theory]
    [MemberData(nameof(OtherTextSettings), DisableDiscoveryEnumeration = true)]
    public void In_plain_text_trust_and_delimiters_are_part_of_the_key_and_for_ACP_they_are_not(string difference, TextSettings other)
    {
        Assert.False(Plain(AgentProtocol.Chat, new TextSettings()).Equals(Plain(AgentProtocol.Chat, other)), difference);
        Assert.False(Plain(AgentProtocol.Delimited, new TextSettings()).Equals(Plain(AgentProtocol.Delimited, other)), difference);
        Assert.Equal(Plain(AgentProtocol.Acp, new TextSettings()), Plain(AgentProtocol.Acp, other));
        Assert.Equal(Plain(AgentProtocol.Acp, new TextSettings()).GetHashCode(), Plain(AgentProtocol.Acp, other).GetHashCode());
    }

    [Fact]
    public void Equal_lists_of_trusted_tools_are_one_key() => Assert.Equal(
        Plain(AgentProtocol.Chat, new TextSettings { TrustTools = ["read", "shell"] }),
        Plain(AgentProtocol.Chat, new TextSettings { TrustTools = ["read", "shell"] }));

    [Fact]
    public void Protocol_engine_and_source_of_the_command_line_are_part_of_the_key()
    {
        AgentSpec spec = Plain(AgentProtocol.Acp);
        Assert.NotEqual(spec, Plain(AgentProtocol.Chat));
        Assert.NotEqual(Plain(AgentProtocol.Delimited), Plain(AgentProtocol.Chat));
        Assert.NotEqual(spec, new AgentSpec { Executable = "/bin/agent", WorkingDirectory = "/work", Engine = KiroEngine.V3 });
        Assert.NotEqual(spec, new AgentSpec { Executable = "/bin/agent", WorkingDirectory = "/work", UsesKiroCommandLine = true });
    }

    [Fact]
    public void With_keeps_protocol_engine_and_text_settings()
    {
        var spec = new AgentSpec
        {
            Executable = "/bin/agent", WorkingDirectory = "/work", Protocol = AgentProtocol.Chat, UsesKiroCommandLine = true, Engine = KiroEngine.V1, Text = new TextSettings { TrustAllTools = true },
        };

        AgentSpec changed = spec.With(model: "fast");

        Assert.Equal((AgentProtocol.Chat, true, KiroEngine.V1, true), (changed.Protocol, changed.UsesKiroCommandLine, changed.Engine, changed.Text.TrustAllTools));
    }

    [Fact]
    public void An_empty_delimiter_and_a_tool_with_a_comma_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TextSettings { MessageDelimiter = "" });
        Assert.Throws<ArgumentException>(() => new TextSettings { ResponseDelimiter = "" });
        Assert.Throws<ArgumentException>(() => new TextSettings { TrustTools = ["read,shell"] });
        Assert.Throws<ArgumentException>(() => new TextSettings { TrustTools = [" "] });
    }

    [Fact]
    public void An_empty_variable_differs_from_a_removed_one() => Assert.NotEqual(
        Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", "")),
        Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", null)));

    [Fact]
    public void With_changes_the_given_values_and_keeps_the_others()
    {
        AgentSpec changed = Make().With(model: "fast");

        Assert.Equal(Make(model: "fast"), changed);
    }

    [Fact]
    public void With_without_changes_returns_the_same_spec()
    {
        AgentSpec spec = Make();

        Assert.Same(spec, spec.With());
    }

    [Fact]
    public void Its_text_shows_no_argument_and_no_variable()
    {
        string text = Make(arguments: ["acp", "--key=hush"], environment: AgentSpec.NoEnvironment.Add("TOKEN", "secret")).ToString();

        Assert.Contains("agent in '/work'", text, StringComparison.Ordinal);
        Assert.Contains("reviewer", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("TOKEN", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_does_not_equal_null() => Assert.False(Make().Equals(null));

    private static AgentSpec Plain(AgentProtocol protocol, TextSettings? text = null) =>
        new() { Executable = "/bin/agent", WorkingDirectory = "/work", Protocol = protocol, Text = text ?? TextSettings.Default };

    private static AgentSpec Make(
        string executable = "/bin/agent",
        string directory = "/work",
        string? agent = "reviewer",
        string? model = "big",
        ImmutableArray<string>? arguments = null,
        ImmutableSortedDictionary<string, string?>? environment = null) => new()
        {
            Executable = executable,
            WorkingDirectory = directory,
            Agent = agent,
            Model = model,
            Arguments = arguments ?? ["acp", "--flag"],
            Environment = environment ?? AgentSpec.NoEnvironment.Add("TOKEN", "secret"),
        };
}
