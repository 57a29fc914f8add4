using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

public sealed class PathKeyTests
{
    [Theory]
    [InlineData(@"C:\Work", @"c:\work")]
    [InlineData(@"C:\Work", @"C:\Work\")]
    [InlineData(@"C:\Work", "C:/Work")]
    [InlineData(@"C:\Work", @"\\?\C:\Work")]
    [InlineData(@"C:\", @"c:/")]
    [InlineData(@"\\server\share\x", @"\\?\UNC\SERVER\share\x\")]
    [InlineData(@"C:\Größe", @"C:\GRÖßE")]
    public void Spellings_of_one_Windows_path_have_one_key(string one, string other) => Assert.Equal(PathKey.OfWindows(one), PathKey.OfWindows(other));

    [Theory]
    [InlineData(@"C:\Work", @"D:\Work")]
    [InlineData(@"C:\Work", @"C:\Work2")]
    [InlineData(@"C:\", "C:")]
    [InlineData(@"\\.\pipe\x", @"\\?\pipe\x")]
    [InlineData("/srv/App", "/srv/app")]
    [InlineData("~/App", "~/app")]
    [InlineData("/", "~")]
    public void Other_paths_have_other_keys(string one, string other) => Assert.NotEqual(PathKey.OfWindows(one), PathKey.OfWindows(other));

    [Fact]
    public void An_agent_of_a_directory_serves_it_in_every_spelling_that_the_system_takes_for_the_same()
    {
        var one = new AgentSpec { Executable = @"C:\agent.exe", WorkingDirectory = @"C:\Work" };
        var other = new AgentSpec { Executable = @"c:\Agent.exe", WorkingDirectory = @"c:\work\" };

        Assert.Equal(OperatingSystem.IsWindows(), one.Equals(other));
        Assert.Equal(OperatingSystem.IsWindows(), one.GetHashCode() == other.GetHashCode());
    }

    [Fact]
    public void Names_of_variables_are_compared_as_the_system_does()
    {
        var one = new AgentSpec { Executable = "/agent", WorkingDirectory = "/", Environment = AgentSpec.NoEnvironment.Add("Name", "1") };
        var other = new AgentSpec { Executable = "/agent", WorkingDirectory = "/", Environment = AgentSpec.NoEnvironment.Add("NAME", "1") };

        Assert.Equal(OperatingSystem.IsWindows(), one.Equals(other));
    }
}
