using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes.Far;

/// <summary>An agent behind a prefix gets its words, its directory and its variables as they are, and nothing else happens.</summary>
public sealed class FarLaunchTests : IAsyncDisposable
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "zsh", "mksh", "yash", "busybox", "fish", "tcsh"];

    private readonly TempFolder _folder = new();
    private readonly FarBench _bench = new();

    // Each would do something else in a shell, in a glob, as an option, or by its end.
    private static readonly string[] Hostile =
    [
        "", " ", "-n", "--", "a b", "it's", "''", "\"", "\\", "$HOME", "$(touch injected)", "`touch injected`", "; touch injected",
        "| touch injected", "&& touch injected", "*", "a\nb", "\n", "ends in a line feed\n", "!!", "~", "%s%n", "é 漢 🚀", "kp_nonce=x", "a\tb\rc",
        "'; touch injected; '", "\\'; touch injected; \\'", "#", "<in >out",
    ];

    public static TheoryData<string> LoginShells => [.. Shells];

    [Theory]
    [MemberData(nameof(LoginShells))]
    public async Task Hostile_words_pass_through_a_login_shell_as_they_are(string shell)
    {
        string? program = Find(shell);
        Assert.SkipWhen(program is null, $"The program '{shell}' is not installed.");
        string directory = _folder.Folder("it's a $(touch injected) `dir`\n");
        string script = _folder.File("print", "#!/bin/sh\nfor w; do printf '[%s]' \"$w\"; done; printf '[%s]' \"$WORD\" \"${GONE-gone}\" \"$PWD\"; exit 7\n", isProgram: true);
        await using var bench = new FarBench(FarBench.LoginShell(program!, shell == "busybox" ? ["sh"] : []));

        foreach (string[] words in Hostile.Chunk(8))
        {
            var environment = new Dictionary<string, string?> { ["WORD"] = words[0], ["GONE"] = null };
            (string output, int code) = await bench.RunAsync(FarBench.Command(directory, environment, script, words));
            Assert.Equal(string.Concat(words.Append(words[0]).Append("gone").Append(directory).Select(word => $"[{word}]")), output);
            Assert.Equal(7, code);
        }

        Assert.Empty(Directory.GetFiles(_folder.FullName, "injected", SearchOption.AllDirectories));
        Assert.False(File.Exists("injected"));
    }

    [Fact]
    public async Task Programs_and_directories_with_hostile_names_are_those_and_no_others()
    {
        foreach (string name in Hostile.Where(word => word.Length > 0 && !word.Contains('/', StringComparison.Ordinal)))
        {
            string directory = _folder.Folder("in", name);
            string program = _folder.File(Path.Combine("programs", name), "#!/bin/sh\nprintf '[%s]' \"$0\" \"$PWD\"\n", isProgram: true);

            Assert.Equal(($"[{program}][{directory}]", 0), await _bench.RunAsync(FarBench.Command(directory, new Dictionary<string, string?>(), program)));
        }

        Assert.Empty(Directory.GetFiles(_folder.FullName, "injected", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task No_word_of_a_user_is_on_a_command_line_of_the_prefix()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Command lines are looked up in /proc.");
        var environment = new Dictionary<string, string?> { ["SECRET"] = "hidden-value" };
        AgentProcess process = await _bench.LaunchAsync(FarBench.Command("/", environment, "/bin/sh", "-c", "read -r line; exit 0"));

        Assert.Empty(LiveProcesses.Running("hidden-value"));
        await StopAsync(process);
    }

    [Fact]
    public async Task A_missing_directory_and_a_file_in_its_place_are_named()
    {
        AgentException missing = await _bench.FailsAsync(In($"{_folder.FullName}/nowhere"));
        AgentException file = await _bench.FailsAsync(In(_folder.File("file")));

        Assert.Equal((FailureKind.WorkingDirectoryNotFound, $"{_folder.FullName}/nowhere"), (missing.Kind, missing.Value));
        Assert.Contains("on the host 'far'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("is a file", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_program_and_one_that_is_not_executable_are_named()
    {
        AgentException missing = await _bench.FailsAsync(FarBench.Command("/", new Dictionary<string, string?>(), "no-such-agent"));
        string text = _folder.File("text");
        AgentException denied = await _bench.FailsAsync(FarBench.Command("/", new Dictionary<string, string?>(), text));

        Assert.Equal((FailureKind.ExecutableNotFound, "no-such-agent"), (missing.Kind, missing.Value));
        Assert.Equal((FailureKind.ExecutableNotRunnable, text), (denied.Kind, denied.Value));
    }

    [Fact]
    public async Task A_program_is_found_on_the_PATH_of_its_own_environment()
    {
        _folder.File("my-agent", "#!/bin/sh\necho found\n", isProgram: true);
        var environment = new Dictionary<string, string?> { ["PATH"] = $"{_folder.FullName}:/usr/bin:/bin" };

        Assert.Equal(("found\n", 0), await _bench.RunAsync(FarBench.Command("/", environment, "my-agent")));
    }

    [Theory]
    [InlineData("a-b")]
    [InlineData("1st")]
    [InlineData("kp_nonce")]
    [InlineData("x;touch injected")]
    public async Task A_variable_that_a_shell_cannot_set_is_refused_before_anything_is_sent(string name)
    {
        AgentException failure = await _bench.FailsAsync(FarBench.Command("/", new Dictionary<string, string?> { [name] = "1" }, "/bin/sh"));

        Assert.Equal((FailureKind.EnvironmentInvalid, name), (failure.Kind, failure.Value));
        Assert.False(_bench.Link.IsUp);
    }

    [Fact]
    public async Task The_agent_inherits_no_descriptor_of_the_stub()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are looked up in /proc.");

        // The tests may have been started with some that every process here inherits, and other tests open some for a moment.
        (string Near, string Far) open = default;
        for (int attempt = 0; attempt < 5 && (attempt == 0 || open.Near != open.Far); attempt++)
        {
            await using ShellAgent near = ShellAgent.Start("ls /proc/$$/fd");
            (string output, _) = await _bench.RunAsync(FarBench.Script("ls /proc/$$/fd"));
            open = (await near.ReadToEndAsync(), output);
        }

        Assert.Equal(open.Near, open.Far);
    }

    [Fact]
    public async Task Megabytes_pass_in_both_directions()
    {
        AgentProcess process = await _bench.LaunchAsync(FarBench.Script("exec cat"));
        byte[] sent = new byte[3_000_000];
        new Random(7).NextBytes(sent);
        Task writing = WriteAsync();
        using var received = new MemoryStream();
        await process.Output.CopyToAsync(received).InTime();
        await writing;

        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        await StopAsync(process);

        async Task WriteAsync()
        {
            await process.Input.WriteAsync(sent);
            await process.Input.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_lines_of_the_stub_are_not_part_of_the_stderr()
    {
        AgentProcess process = await _bench.LaunchAsync(FarBench.Script("printf 'no line feed' >&2; exit 3"));
        Assert.Equal(3, await process.Exited.InTime());

        Assert.Equal("no line feed", await process.ReadStderrTailAsync().InTime());
        Assert.Null(process.Loss);
        await StopAsync(process);
    }

    [Fact]
    public async Task The_agent_has_its_own_session_and_its_id_there_is_known()
    {
        AgentProcess process = await _bench.LaunchAsync(FarBench.Script("echo $$; exec cat"));
        using var reader = new StreamReader(process.Output);
        int id = int.Parse((await reader.ReadLineAsync().InTime())!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(id, process.AgentId);
        Assert.NotEqual(id, process.Id);
        if (OperatingSystem.IsLinux())
            Assert.Equal(id, ProcStat.TryRead(id)!.Value.SessionId);
        await StopAsync(process);
    }

    [Fact]
    public async Task A_prefix_that_fails_is_an_unreachable_host_with_its_stderr()
    {
        await using var bench = new FarBench(new CommandPrefix("/bin/sh", ["-c", "echo 'no route' >&2; exit 255"]));
        AgentException failure = await bench.FailsAsync(FarBench.Script("exit"));

        Assert.Equal((FailureKind.HostUnreachable, "far"), (failure.Kind, failure.Value));
        Assert.Contains("no route", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ops@far: Permission denied (publickey).")]
    [InlineData("Host key verification failed.")]
    public async Task A_refused_key_is_a_refused_host(string stderr)
    {
        await using var bench = new FarBench(new CommandPrefix("/bin/sh", ["-c", $"echo '{stderr}' >&2; exit 255"]));

        Assert.Equal(FailureKind.HostRefused, (await bench.FailsAsync(FarBench.Script("exit"))).Kind);
    }

    [Fact]
    public async Task A_Windows_host_is_not_supported()
    {
        await using var bench = new FarBench(new CommandPrefix("/bin/sh", ["-c", "echo \"'exec' is not recognized as an internal or external command\" >&2; exit 1"]));

        Assert.Equal(FailureKind.NotSupported, (await bench.FailsAsync(FarBench.Script("exit"))).Kind);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _folder.Dispose();
    }

    private static string? Find(string name) => ((string[])["/bin", "/usr/bin", "/usr/local/bin"]).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static AgentCommand In(string directory) => FarBench.Command(directory, new Dictionary<string, string?>(), "/bin/sh");

    private static Task StopAsync(AgentProcess process) => process.StopAsync(StopGraces.None, TimeProvider.System).InTime();
}
