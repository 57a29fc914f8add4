using KiroPool.Engine.Kiro;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>These change the process's own PATH and HOME, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ChangesEnvironment), DisableParallelization = true)]
public sealed class ChangesEnvironment;

[Collection(nameof(ChangesEnvironment))]
public sealed class KiroCliLocatorTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");
    private readonly string? _home = Environment.GetEnvironmentVariable("HOME");

    public KiroCliLocatorTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of these tests are Unix scripts.");
        Environment.SetEnvironmentVariable("HOME", _temp.Folder("home"));
        Environment.SetEnvironmentVariable("PATH", "");
    }

    [Fact]
    public void A_path_is_taken_as_it_is_and_nothing_else_is_searched()
    {
        string program = Program("here/agent");
        SetPath(Path.GetDirectoryName(Program("there/agent"))!);

        Assert.Equal(program, KiroCliLocator.Locate(program));
    }

    [Fact]
    public void A_relative_path_is_relative_to_the_base_directory()
    {
        string program = Program("base/bin/agent");

        Assert.Equal(program, KiroCliLocator.Locate("bin/agent", _temp.Folder("base")));
        Assert.Equal(program, KiroCliLocator.Locate("../bin/./agent", _temp.Folder("base", "other")));
    }

    [Fact]
    public void A_path_may_begin_with_the_home_directory() => Assert.Equal(Program("home/tools/agent"), KiroCliLocator.Locate("~/tools/agent"));

    [Fact]
    public void A_name_is_searched_in_the_order_of_PATH()
    {
        string first = Program("one/agent"), second = Program("two/agent");

        SetPath(Folder(first), Folder(second));
        Assert.Equal(first, KiroCliLocator.Locate("agent"));
        SetPath(Folder(second), Folder(first));
        Assert.Equal(second, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void A_file_in_PATH_that_cannot_be_run_is_passed_by()
    {
        string notes = _temp.File("one/agent", "not a program");
        string program = Program("two/agent");
        SetPath(Folder(notes), _temp.FullName + "/missing", Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void A_directory_of_that_name_is_passed_by()
    {
        _temp.Folder("one", "agent");
        string program = Program("two/agent");
        SetPath(_temp.FullName + "/one", Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void Behind_PATH_come_the_places_programs_are_installed_to()
    {
        string installed = Program("home/.local/bin/agent-of-this-test");
        Assert.Equal(installed, KiroCliLocator.Locate("agent-of-this-test"));

        string program = Program("one/agent-of-this-test");
        SetPath(Folder(program));
        Assert.Equal(program, KiroCliLocator.Locate("agent-of-this-test"));
    }

    [Fact]
    public void Without_a_name_it_is_kiro_cli()
    {
        string program = Program("one/kiro-cli");
        SetPath(Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate());
        Assert.Equal(program, KiroCliLocator.Locate(""));
    }

    /// <summary>The agent runs in another directory than the host, where a relative path would name another file.</summary>
    [Fact]
    public void What_is_found_is_a_full_path_also_when_PATH_holds_a_relative_one()
    {
        string program = Program("one/agent-of-this-test");
        SetPath(Path.GetRelativePath(Environment.CurrentDirectory, Folder(program)));

        Assert.Equal(program, KiroCliLocator.Locate("agent-of-this-test"));
    }

    [Fact]
    public void A_name_that_is_nowhere_is_told_with_the_places_that_were_searched()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("no-such-agent"));

        Assert.Equal((FailureKind.ExecutableNotFound, "no-such-agent"), (failure.Kind, failure.Value));
        Assert.Contains("PATH", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/usr/local/bin", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-FilePath", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kiro-cli login", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_places_are_those_of_the_seed_and_then_Homebrews()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("no-such-agent"));

        Assert.Contains($"/usr/local/bin, /usr/bin, {_temp.FullName}/home/.local/bin, /opt/homebrew/bin, /home/linuxbrew/.linuxbrew/bin.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_kiro_cli_is_told_with_where_to_get_it()
    {
        Assert.SkipWhen(File.Exists("/usr/local/bin/kiro-cli") || File.Exists("/usr/bin/kiro-cli"), "kiro-cli is installed here.");

        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate());

        Assert.Contains("https://kiro.dev/cli", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_not_there_is_told()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("/no/such/agent"));

        Assert.Equal((FailureKind.ExecutableNotFound, "/no/such/agent"), (failure.Kind, failure.Value));
    }

    [Fact]
    public void A_path_that_may_not_be_executed_is_told_with_the_remedy()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate(_temp.File("one/agent")));

        Assert.Equal(FailureKind.ExecutableNotRunnable, failure.Kind);
        Assert.Contains("chmod +x", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_of_a_directory_is_told()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate(_temp.Folder("one")));

        Assert.Equal(FailureKind.ExecutableNotRunnable, failure.Kind);
        Assert.Contains("is a directory", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/bin/kiro-cli", true)]
    [InlineData("/usr/bin/kiro-cli-chat", true)]
    [InlineData("/usr/bin/agent", false)]
    [InlineData("/opt/kiro-cli/agent", false)]
    public void Kiro_cli_is_known_by_its_name_and_speaks_ACP_when_it_is_told_to(string program, bool isKiro)
    {
        Assert.Equal(isKiro, KiroCliLocator.IsKiroCli(program));
        Assert.Equal(isKiro ? ["acp"] : [], KiroCliLocator.DefaultArguments(program));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Environment.SetEnvironmentVariable("HOME", _home);
        _temp.Dispose();
    }

    private string Program(string name) => _temp.File(name, "#!/bin/sh\n", isProgram: true);

    private static string Folder(string file) => Path.GetDirectoryName(file)!;

    private static void SetPath(params string[] folders) => Environment.SetEnvironmentVariable("PATH", string.Join(Path.PathSeparator, folders));
}
