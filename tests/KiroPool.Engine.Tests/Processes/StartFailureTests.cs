using System.ComponentModel;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

/// <summary>Each cause of a refused start has its own kind, its value and its remedy; none of them is blamed on the program.</summary>
public sealed class StartFailureTests
{
    private static readonly string Shell = OperatingSystem.IsWindows() ? Path.Combine(Environment.SystemDirectory, "cmd.exe") : "/bin/sh";

    private static readonly string Root = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } drive ? drive : "/";

    [Fact]
    public void A_variable_that_is_too_long_is_named_with_its_size_and_never_shown()
    {
        OnUnix();
        AgentException failure = Fails(Command() with { Environment = new Dictionary<string, string?> { ["HUGE"] = new('v', 200_000), ["SMALL"] = "s" } });

        Assert.Equal((FailureKind.EnvironmentTooLarge, "HUGE"), (failure.Kind, failure.Value));
        Assert.Contains("'HUGE' with 200,006", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-Environment @{ HUGE = $null }", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vvv", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_that_are_too_large_together_are_told_with_their_sum()
    {
        OnUnix();
        AgentException failure = Fails(Command() with { Environment = Enumerable.Range(0, 100).ToDictionary(i => $"V{i}", i => (string?)new string('v', 100_000 + i)) });

        Assert.Equal((FailureKind.EnvironmentTooLarge, "V99"), (failure.Kind, failure.Value));
        Assert.Contains("bytes in", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_that_are_too_large_are_told_with_their_size()
    {
        OnUnix();
        AgentException failure = Fails(Command() with { Arguments = ["-c", "exit", new('a', 200_000)] });

        Assert.Equal((FailureKind.ArgumentListTooLarge, 200_017L), (failure.Kind, failure.Value));
        Assert.Contains("200,017 bytes, the longest of them 200,001", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-ArgumentList", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, "file handles", "ulimit -n")]
    [InlineData(23, "file handles", "ulimit -n")]
    [InlineData(12, "memory", "-MaxSize")]
    public void A_host_that_has_nothing_left_is_not_the_programs_fault(int code, string what, string remedy)
    {
        OnUnix();
        AgentException failure = StartFailure.Of(new Win32Exception(code), Command(), new Dictionary<string, string?>());

        Assert.Equal((FailureKind.ResourcesExhausted, what), (failure.Kind, failure.Value));
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
        Assert.Equal(failure.Message, StartFailure.OfHost(new Win32Exception(code), "'/bin/sh'")!.Message);
    }

    [Theory]
    [InlineData(4, FailureKind.ResourcesExhausted, "file handles", "no file handle is left")]
    [InlineData(8, FailureKind.ResourcesExhausted, "memory", "-MaxSize")]
    [InlineData(1455, FailureKind.ResourcesExhausted, "memory", "-MaxSize")]
    [InlineData(1816, FailureKind.ResourcesExhausted, "processes", "-MaxSize")]
    [InlineData(5, FailureKind.ExecutableNotRunnable, null, "a policy may not run")]
    [InlineData(206, FailureKind.ArgumentListTooLarge, null, "-ArgumentList")]
    [InlineData(193, FailureKind.ExecutableNotRunnable, null, "could not be started")]
    public void What_Windows_refuses_is_told_by_its_cause(int code, FailureKind kind, string? what, string text)
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "The codes are those of Windows.");

        AgentException failure = StartFailure.Of(new Win32Exception(code), Command(), new Dictionary<string, string?>());

        Assert.Equal(kind, failure.Kind);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        if (what is not null)
            Assert.Equal(what, failure.Value);
    }

    [Fact]
    public void A_directory_that_may_not_be_entered_is_told_when_the_system_refuses_it()
    {
        OnUnix();
        AgentException failure = StartFailure.Of(new Win32Exception(13), Command(), new Dictionary<string, string?>());

        Assert.Equal((FailureKind.WorkingDirectoryNotAccessible, "/"), (failure.Kind, failure.Value));
        Assert.Contains("-WorkingDirectory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_may_not_be_entered_is_told_before_the_start() => UnprivilegedThread.Run(() =>
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The permissions are those of Unix.");
            return;
        }

        using var temp = new TempFolder();
        string locked = temp.Folder("locked");
        string inner = temp.Folder("locked", "inner");
        File.SetUnixFileMode(locked, UnixFileMode.UserRead);
        try
        {
            Assert.Equal((FailureKind.WorkingDirectoryNotAccessible, locked), Told(locked));
            Assert.Equal((FailureKind.WorkingDirectoryNotAccessible, inner), Told(inner));
            AgentException program = Fails(Command() with { Executable = Path.Combine(locked, "agent") });
            Assert.Equal(FailureKind.ExecutableNotRunnable, program.Kind);
            Assert.Contains("directory above", program.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        static (FailureKind, object?) Told(string directory)
        {
            AgentException failure = Fails(Command() with { WorkingDirectory = directory });
            return (failure.Kind, failure.Value);
        }
    });

    [Fact]
    public void A_working_directory_that_is_a_file_is_told()
    {
        using var temp = new TempFolder();
        string file = temp.File("notes.txt");

        AgentException failure = Fails(Command() with { WorkingDirectory = file });

        Assert.Equal((FailureKind.WorkingDirectoryNotFound, file), (failure.Kind, failure.Value));
        Assert.Contains("is a file", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "without a name")]
    [InlineData("A=B", "-Environment @{ A = 'value' }")]
    [InlineData("A\0B", "zero character")]
    public void A_variable_that_no_process_can_have_is_refused(string name, string message)
    {
        AgentException failure = Assert.Throws<AgentException>(() => new AgentSpec { Executable = Shell, WorkingDirectory = Root, Environment = AgentSpec.NoEnvironment.Add(name, "secret") });

        Assert.Equal((FailureKind.EnvironmentInvalid, name), (failure.Kind, failure.Value));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_with_a_zero_character_is_refused()
    {
        AgentException failure = Assert.Throws<AgentException>(() => new AgentSpec { Executable = Shell, WorkingDirectory = Root, Environment = AgentSpec.NoEnvironment.Add("TOKEN", "sec\0ret") });

        Assert.Equal((FailureKind.EnvironmentInvalid, "TOKEN"), (failure.Kind, failure.Value));
        Assert.DoesNotContain("sec", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_with_a_zero_character_is_refused_wherever_it_comes_from()
    {
        AgentException spec = Assert.Throws<AgentException>(() => new AgentSpec { Executable = Shell, WorkingDirectory = Root, Arguments = ["a", "b\0c"] });
        AgentException command = Fails(Command() with { Arguments = ["-c", "exit", "b\0c"] });

        Assert.Equal((FailureKind.ArgumentListInvalid, "b\0c"), (spec.Kind, spec.Value));
        Assert.Equal((FailureKind.ArgumentListInvalid, "b\0c"), (command.Kind, command.Value));
    }

    private static void OnUnix() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The limits, codes and permissions are those of Unix.");

    private static AgentCommand Command() => new(Shell, ["-c", "exit"], Root, new Dictionary<string, string?>());

    private static AgentException Fails(AgentCommand command) => Assert.Throws<AgentException>(() => AgentLauncher.Start(command));
}
