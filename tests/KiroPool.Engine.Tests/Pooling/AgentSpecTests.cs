using System.Collections.Immutable;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine.Tests.Pooling;

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
    public void The_order_in_which_variables_were_set_does_not_matter()
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

    [Fact]
    public void A_variable_that_is_emptied_is_not_one_that_is_removed() => Assert.NotEqual(
        Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", "")),
        Make(environment: AgentSpec.NoEnvironment.Add("TOKEN", null)));

    [Fact]
    public void With_changes_what_it_is_given_and_keeps_the_rest()
    {
        AgentSpec changed = Make().With(model: "fast");

        Assert.Equal(Make(model: "fast"), changed);
    }

    [Fact]
    public void With_nothing_to_change_is_the_same_spec()
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
    public void It_is_not_equal_to_nothing() => Assert.False(Make().Equals(null));

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
