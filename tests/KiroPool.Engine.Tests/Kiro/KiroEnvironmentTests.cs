using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>These tests change the environment of the process, so no other test may run beside them.</summary>
[Collection(nameof(ChangesEnvironment))]
public sealed class KiroEnvironmentTests : IDisposable
{
    private static readonly string[] Names = ["NO_COLOR", "KIRO_NO_AUTO_UPDATE"];

    private readonly (string Name, string? Value)[] _before = [.. Names.Select(name => (name, Environment.GetEnvironmentVariable(name)))];

    public KiroEnvironmentTests() => Array.ForEach(Names, name => Environment.SetEnvironmentVariable(name, null));

    [Fact]
    public void Kiro_cli_does_not_update_itself_and_a_chat_has_no_colours()
    {
        Assert.Equal(["KIRO_NO_AUTO_UPDATE"], KiroEnvironment.Of(Spec("kiro-cli"), isPlainText: false).Keys);
        Assert.Equal([("KIRO_NO_AUTO_UPDATE", "1"), ("NO_COLOR", "1")], KiroEnvironment.Of(Spec("kiro-cli"), isPlainText: true).Select(v => (v.Key, v.Value)));
    }

    [Fact]
    public void Other_programs_get_no_kiro_variables() => Assert.Equal(["NO_COLOR"], KiroEnvironment.Of(Spec("agent"), isPlainText: true).Keys);

    [Theory]
    [InlineData("0")]
    [InlineData(null)]
    public void Variables_that_the_user_sets_or_removes_stay(string? value)
    {
        AgentSpec spec = Spec("kiro-cli", ("KIRO_NO_AUTO_UPDATE", value), ("NO_COLOR", value));

        Assert.Equal(spec.Environment, KiroEnvironment.Of(spec, isPlainText: true));
    }

    [Fact]
    public void Variables_that_the_host_has_set_stay()
    {
        Environment.SetEnvironmentVariable("KIRO_NO_AUTO_UPDATE", "0");
        Environment.SetEnvironmentVariable("NO_COLOR", "0");

        Assert.Empty(KiroEnvironment.Of(Spec("kiro-cli"), isPlainText: true));
    }

    public void Dispose() => Array.ForEach(_before, variable => Environment.SetEnvironmentVariable(variable.Name, variable.Value));

    private static AgentSpec Spec(string program, params (string Name, string? Value)[] variables) => new()
    {
        Executable = "/bin/" + program,
        WorkingDirectory = "/",
        Environment = variables.Aggregate(AgentSpec.NoEnvironment, (all, variable) => all.Add(variable.Name, variable.Value)),
    };
}
