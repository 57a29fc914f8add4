using KiroPool.Engine.Processes;

namespace KiroPool.Engine.Tests.Processes.Windows;

public sealed class BatchCommandLineTests
{
    [Fact]
    public void Arguments_are_quoted_for_the_shell_and_for_the_program_behind_it() =>
        Assert.Equal(
            @"""C:\w\cmd.exe"" /d /e:on /v:off /s /c """"C:\a b\agent.cmd"" acp --x-y ""a b"" """" ""a=b"" ""a,b;c"" ""C:\my dir\\"" ""(x86)"" C:\x ""ü 'q' * ? $x `y`""""",
            BatchCommandLine.Of(@"C:\w\cmd.exe", @"C:\a b\agent.cmd", ["acp", "--x-y", "a b", "", "a=b", "a,b;c", @"C:\my dir\", "(x86)", @"C:\x", "ü 'q' * ? $x `y`"]));

    [Fact]
    public void A_batch_file_that_reaches_a_host_is_refused_by_the_name_of_its_parameter()
    {
        AgentException failure = Assert.Throws<AgentException>(() => BatchCommandLine.Of("cmd.exe", @"C:\reach.cmd", ["box", "sh -c \"x\""], isHostCommand: true));

        Assert.Equal(FailureKind.ArgumentListInvalid, failure.Kind);
        Assert.StartsWith(@"'C:\reach.cmd' is a batch file, so it cannot be the Command of -HostCommand:", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("-FilePath", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\" & echo x > made.txt", "the character \"")]
    [InlineData("a&b", "the character &")]
    [InlineData("a|b", "the character |")]
    [InlineData("a<b", "the character <")]
    [InlineData("a>b", "the character >")]
    [InlineData("a^b", "the character ^")]
    [InlineData("%PATH%", "the character %")]
    [InlineData("hi!", "the character !")]
    [InlineData("a\nb", "a line break")]
    [InlineData("a\rb", "a carriage return")]
    public void An_argument_with_a_character_of_the_shells_language_is_refused(string argument, string what)
    {
        AgentException failure = Assert.Throws<AgentException>(() => BatchCommandLine.Of("cmd.exe", @"C:\agent.bat", ["acp", argument]));

        Assert.Equal((FailureKind.ArgumentListInvalid, argument), (failure.Kind, failure.Value));
        Assert.Contains($"Argument 2 of the agent's program contains {what}, ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-FilePath", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_with_such_a_character_is_refused_too()
    {
        AgentException failure = Assert.Throws<AgentException>(() => BatchCommandLine.Of("cmd.exe", @"C:\50% off\agent.cmd", []));

        Assert.Equal((FailureKind.ExecutableNotRunnable, @"C:\50% off\agent.cmd"), (failure.Kind, failure.Value));
        Assert.Contains("the character %", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.cmd", true)]
    [InlineData("a.BAT", true)]
    [InlineData("a.cmd.exe", false)]
    [InlineData("cmd", false)]
    public void Batch_files_are_known_by_their_extension(string program, bool isBatchFile) => Assert.Equal(isBatchFile, BatchCommandLine.IsBatchFile(program));
}
