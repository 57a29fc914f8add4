using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes;

public sealed class AgentLauncherTests
{
    public AgentLauncherTests() => ShellAgent.Require();

    [Fact]
    public void A_missing_directory_is_an_error_and_never_replaced()
    {
        AgentException failure = Fails(Command("exit", directory: "/no/such/directory"));

        Assert.Equal((FailureKind.WorkingDirectoryNotFound, "/no/such/directory"), (failure.Kind, failure.Value));
    }

    [Fact]
    public void A_missing_program_is_an_error()
    {
        AgentException failure = Fails(Command("exit") with { Executable = "/no/such/agent" });

        Assert.Equal((FailureKind.ExecutableNotFound, "/no/such/agent"), (failure.Kind, failure.Value));
    }

    [Fact]
    public void A_program_without_execute_permission_is_an_error()
    {
        using var temp = new TempFolder();

        AgentException failure = Fails(Command("exit") with { Executable = temp.File("agent") });

        Assert.Equal(FailureKind.ExecutableNotRunnable, failure.Kind);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] arguments = ["", " ", "a b", "*", "$HOME", "$(id)", "`id`", "a;b", "a|b", "a&b", ">x", "'", "\"", "\\", "line\nline", "--", "-c", "--help", "ü\U0001F600", "~", "!x", "%PATH%"];
        await using var agent = ShellAgent.Start("""for argument; do printf '%s\0' "$argument"; done""", arguments);

        Assert.Equal(string.Concat(arguments.Select(a => a + "\0")), await agent.ReadToEndAsync());
    }

    [Fact]
    public async Task A_program_may_have_a_name_of_metacharacters_and_first_arguments_that_look_like_options()
    {
        using var temp = new TempFolder();
        string program = Path.Combine(temp.FullName, "-a $(b) 'c'");
        File.CreateSymbolicLink(program, "/bin/sh");
        await using var agent = ShellAgent.Start(new AgentCommand(program, ["-c", "echo \"$1\"", "--wait", "--fork"], "/", new Dictionary<string, string?>()));

        Assert.Equal("--fork", await agent.ReadLineAsync());
    }

    [Fact]
    public async Task The_agent_runs_in_its_directory_whatever_its_name()
    {
        using var temp = new TempFolder();
        string directory = temp.Folder("a b", "$(c) 'ü'");
        await using var agent = ShellAgent.Start(Command("pwd -P", directory));

        Assert.EndsWith("/a b/$(c) 'ü'", await agent.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_are_set_removed_and_inherited()
    {
        var environment = new Dictionary<string, string?> { ["KIROPOOL_TEST"] = "a b $c", ["HOME"] = null };
        await using var agent = ShellAgent.Start(Command("echo \"$KIROPOOL_TEST ${HOME-none} ${PATH:+path}\"") with { Environment = environment });

        Assert.Equal("a b $c none path", await agent.ReadLineAsync());
    }

    [Fact]
    public async Task An_agent_leads_its_own_session_and_group()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc, which only Linux has.");
        await using var agent = ShellAgent.Start("echo $$; cat");

        Assert.Equal(agent.Process.Id, await agent.ReadIdAsync());
        ProcStat stat = ProcStat.TryRead(agent.Process.Id)!.Value;

        Assert.Equal((agent.Process.Id, agent.Process.Id), (stat.SessionId, stat.GroupId));
        Assert.NotEqual(ProcStat.TryRead(Environment.ProcessId)!.Value.SessionId, stat.SessionId);
    }

    [Fact]
    public async Task Every_agent_has_its_own_marker()
    {
        await using var one = ShellAgent.Start($"echo \"${AgentMarker.Variable}\"");
        await using var other = ShellAgent.Start($"echo \"${AgentMarker.Variable}\"");

        string?[] markers = [await one.ReadLineAsync(), await other.ReadLineAsync()];

        Assert.All(markers, m => Assert.StartsWith(AgentMarker.HostPrefix, m, StringComparison.Ordinal));
        Assert.NotEqual(markers[0], markers[1]);
    }

    [Fact]
    public async Task The_exit_code_is_reported()
    {
        await using var agent = ShellAgent.Start("exit 42");

        Assert.Equal(42, await agent.Process.Exited.InTime());
    }

    [Fact]
    public async Task The_agent_reads_exactly_the_bytes_that_were_written()
    {
        await using var agent = ShellAgent.Start("head -c 5 | od -An -tx1");
        await agent.Process.Input.WriteAsync(new byte[] { 0, 0xFF, 0x0A, 0x0D, 0xC3 });
        await agent.Process.Input.FlushAsync();

        Assert.Equal("00 ff 0a 0d c3", (await agent.ReadLineAsync())!.Trim());
    }

    [Fact]
    public async Task Ten_megabytes_on_stderr_do_not_block_the_agent()
    {
        await using var agent = ShellAgent.Start("head -c 10000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo the end >&2; echo done");

        Assert.Equal("done", await agent.ReadLineAsync());
        await agent.Process.Exited.InTime();

        Assert.Equal("the end", await agent.Process.ReadStderrTailAsync());
        Assert.Equal(10_000_009, agent.Process.StandardError.TotalBytes);
    }

    [Fact]
    public async Task Memory_covers_the_whole_tree_and_is_null_when_it_is_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc, which only Linux has.");
        await using var agent = ShellAgent.Start("sleep 100 & sleep 100 & echo ready; cat");
        await agent.ReadLineAsync();

        // It reads a table that may be a quarter of a second old, and the agent was smaller then.
        await Eventually.HoldsAsync(() => agent.Process.ReadMemoryBytes() > 1_000_000);
        Assert.InRange(agent.Process.ReadMemoryBytes()!.Value, 1_000_000, 100_000_000);
        await agent.StopAsync(StopGraces.None).InTime();

        Assert.Null(agent.Process.ReadMemoryBytes());
    }

    private static AgentCommand Command(string script, string directory = "/") =>
        new("/bin/sh", ["-c", script], directory, new Dictionary<string, string?>());

    private static AgentException Fails(AgentCommand command) => Assert.Throws<AgentException>(() => AgentLauncher.Start(command));
}
