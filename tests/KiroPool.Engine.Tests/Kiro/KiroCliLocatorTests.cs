using KiroPool.Engine.Kiro;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Kiro;

/// <summary>These tests change PATH and HOME of the process, so no other test may run beside them.</summary>
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
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rules: WindowsLocatorTests.");
        Environment.SetEnvironmentVariable("HOME", _temp.Folder("home"));
        Environment.SetEnvironmentVariable("PATH", "");
    }

    [Fact]
    public void A_path_is_used_as_it_is_without_a_search()
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

    [Theory]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("../base")]
    public void A_relative_folder_in_PATH_is_relative_to_the_base_directory(string folder)
    {
        string program = Program("base/agent-of-this-test");
        SetPath(folder);

        Assert.Equal(program, KiroCliLocator.Locate("agent-of-this-test", _temp.Folder("base")));
        Assert.Throws<AgentException>(() => KiroCliLocator.Locate("agent-of-this-test", _temp.Folder("elsewhere", "inner")));
    }

    [Fact]
    public void A_folder_in_PATH_may_begin_with_the_home_directory()
    {
        string program = Program("home/tools/agent");
        SetPath("~/tools");

        Assert.Equal(program, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void A_file_in_PATH_that_cannot_be_run_is_skipped()
    {
        string notes = _temp.File("one/agent", "not a program");
        string program = Program("two/agent");
        SetPath(Folder(notes), _temp.FullName + "/missing", Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void A_directory_with_that_name_is_skipped()
    {
        _temp.Folder("one", "agent");
        string program = Program("two/agent");
        SetPath(_temp.FullName + "/one", Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate("agent"));
    }

    [Fact]
    public void The_install_folders_follow_PATH()
    {
        string installed = Program("home/.local/bin/agent-of-this-test");
        Assert.Equal(installed, KiroCliLocator.Locate("agent-of-this-test"));

        string program = Program("one/agent-of-this-test");
        SetPath(Folder(program));
        Assert.Equal(program, KiroCliLocator.Locate("agent-of-this-test"));
    }

    [Fact]
    public void The_default_name_is_kiro_cli()
    {
        string program = Program("one/kiro-cli");
        SetPath(Folder(program));

        Assert.Equal(program, KiroCliLocator.Locate());
        Assert.Equal(program, KiroCliLocator.Locate(""));
    }

    /// <summary>The agent runs in another directory than the host, where a relative path would name another file.</summary>
    [Fact]
    public void The_result_is_a_full_path_even_for_a_relative_folder_in_PATH()
    {
        string program = Program("one/agent-of-this-test");
        SetPath(Path.GetRelativePath(Environment.CurrentDirectory, Folder(program)));

        Assert.Equal(program, KiroCliLocator.Locate("agent-of-this-test"));
    }

    [Fact]
    public void The_error_for_a_missing_name_lists_the_searched_places()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("no-such-agent"));

        Assert.Equal((FailureKind.ExecutableNotFound, "no-such-agent"), (failure.Kind, failure.Value));
        Assert.Contains("PATH", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/usr/local/bin", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-FilePath", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kiro-cli login", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_install_folders_are_those_of_the_Python_pool_and_of_Homebrew()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("no-such-agent"));

        Assert.Contains($"/usr/local/bin, /usr/bin, {_temp.FullName}/home/.local/bin, /opt/homebrew/bin, /home/linuxbrew/.linuxbrew/bin.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_for_a_missing_kiro_cli_says_where_to_get_it()
    {
        Assert.SkipWhen(File.Exists("/usr/local/bin/kiro-cli") || File.Exists("/usr/bin/kiro-cli"), "kiro-cli is installed here.");

        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate());

        Assert.Contains("https://kiro.dev/cli", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_path_is_an_error()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate("/no/such/agent"));

        Assert.Equal((FailureKind.ExecutableNotFound, "/no/such/agent"), (failure.Kind, failure.Value));
    }

    [Fact]
    public void The_error_for_a_file_without_execute_permission_gives_the_remedy()
    {
        var failure = Assert.Throws<AgentException>(() => KiroCliLocator.Locate(_temp.File("one/agent")));

        Assert.Equal(FailureKind.ExecutableNotRunnable, failure.Kind);
        Assert.Contains("chmod +x", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_path_of_a_directory_is_an_error()
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
    public void Kiro_cli_is_recognised_by_name_and_gets_the_ACP_argument(string program, bool isKiro)
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
