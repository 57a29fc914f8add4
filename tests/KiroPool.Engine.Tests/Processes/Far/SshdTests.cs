using System.Collections.Immutable;
using System.Text;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Processes;
using KiroPool.Engine.Processes.Far;
using KiroPool.Engine.Tests.Fakes;

namespace KiroPool.Engine.Tests.Processes.Far;

/// <summary>Agents behind a real ssh and sshd, with a connection each or with that of the keeper.</summary>
public sealed class SshdTests : IAsyncDisposable
{
    private const string Variable = "KIROPOOL_TEST";
    private const string Stubborn = "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo ready; while :; do sleep 0.1; done";

    private static readonly StopGraces Graces = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly List<AgentProcess> _started = [];
    private LoopbackSshd? _sshd;
    private FarBench? _bench;

    private IReadOnlyList<int> Left => LiveProcesses.Marked(Variable, _id);

    private LoopbackSshd Sshd => _sshd!;

    private FarBench Bench => _bench!;

    [Fact]
    public async Task Words_directories_and_variables_arrive_as_they_are()
    {
        Open(isShared: false);
        using var folder = new TempFolder();
        string directory = folder.Folder("it's a $(touch injected) `dir`\n");
        string[] words = ["", "a b", "-n", "it's", "$(touch injected)", "`id`", "; touch injected", "*", "~", "a\nb", "\"", "\\", "é 漢 🚀", "&& touch injected", "| cat", "!!"];
        const string Print = "for w; do printf '[%s]' \"$w\"; done; printf '[%s]' \"$WORD\" \"$PWD\"; exit 7";

        AgentCommand command = FarBench.Command(directory, new Dictionary<string, string?> { ["WORD"] = words[4] }, "/bin/sh", ["-c", Print, "script", .. words]);
        (string output, int code) = await Bench.RunAsync(command);

        Assert.Equal(string.Concat(words.Append(words[4]).Append(directory).Select(word => $"[{word}]")), output);
        Assert.Equal(7, code);
        Assert.Empty(Directory.GetFiles(folder.FullName, "injected", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Agents_have_a_connection_each_when_it_is_not_shared()
    {
        Open(isShared: false);
        await StartAsync(3);

        Assert.Equal(4, Sshd.Connections);
        Assert.Null(Bench.Link.SocketFolder);
    }

    [Fact]
    public async Task Nine_agents_share_the_connection_of_the_keeper_and_others_have_their_own()
    {
        Open(isShared: true);
        AgentProcess[] agents = await StartAsync(9);
        Assert.Equal(1, Sshd.Connections);

        await StartAsync(2);
        Assert.Equal(3, Sshd.Connections);

        await agents[4].StopAsync(Graces, TimeProvider.System).InTime();
        await StartAsync(1);
        Assert.Equal(3, Sshd.Connections);
    }

    [Fact]
    public async Task A_host_that_allows_one_session_in_a_connection_gives_each_agent_its_own()
    {
        Open(isShared: true, maxSessions: 1);
        await StartAsync(2);

        Assert.Equal(3, Sshd.Connections);
    }

    [Fact]
    public async Task Streams_exit_codes_and_stderr_on_a_shared_connection_are_those_of_the_agent()
    {
        Open(isShared: true);
        byte[] sent = new byte[300_000];
        new Random(7).NextBytes(sent);

        AgentProcess process = await Bench.LaunchAsync(FarBench.Script("cat; printf 'last words' >&2; exit 9"));
        Task writing = WriteAsync();
        using var received = new MemoryStream();
        await process.Output.CopyToAsync(received).InTime();
        await writing;

        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        Assert.Equal(9, await process.Exited.InTime());
        Assert.Equal("last words", await process.ReadStderrTailAsync().InTime());
        Assert.Null(process.Loss);
        await process.StopAsync(StopGraces.None, TimeProvider.System).InTime();

        async Task WriteAsync()
        {
            await process.Input.WriteAsync(sent);
            await process.Input.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_end_of_one_agent_leaves_the_others_of_its_connection()
    {
        Open(isShared: true);
        AgentProcess[] agents = [.. await StartAsync(1, Stubborn), .. await StartAsync(1)];

        await agents[0].StopAsync(StopGraces.None, TimeProvider.System).InTime();

        Assert.Single(Left);
        Assert.False(agents[1].Exited.IsCompleted);
        Assert.True(Bench.Link.IsUp);
    }

    [Fact]
    public async Task The_death_of_the_shared_ssh_loses_its_agents_and_the_next_one_connects_again()
    {
        Open(isShared: true);
        AgentProcess[] agents = await StartAsync(3, Stubborn);

        await LiveProcesses.EndAsync(Bench.Link.KeeperProcessId!.Value);
        foreach (AgentProcess agent in agents)
            await LosesAsync(agent);
        await Task.WhenAll(agents.Select(agent => agent.StopAsync(Graces, TimeProvider.System))).InTime();
        Assert.Empty(Left);

        AgentProcess next = Assert.Single(await StartAsync(1));
        Assert.False(next.Exited.IsCompleted);
        Assert.Equal(2, Sshd.Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_are_killed_at_the_far_end_leave_nothing(bool isShared)
    {
        Open(isShared);
        AgentProcess[] agents = await StartAsync(2, Stubborn);

        Sshd.KillConnections();
        foreach (AgentProcess agent in agents)
            await LosesAsync(agent);
        await Task.WhenAll(agents.Select(agent => agent.StopAsync(Graces, TimeProvider.System))).InTime();

        Assert.Empty(Left);
    }

    [Fact]
    public async Task The_socket_is_in_a_directory_of_this_user_alone_that_ends_with_the_link()
    {
        Open(isShared: true);
        AgentProcess agent = Assert.Single(await StartAsync(1));
        string folder = Bench.Link.SocketFolder!;
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder).UnixFileMode);
        Assert.Single(Directory.GetFileSystemEntries(folder));

        await agent.StopAsync(Graces, TimeProvider.System).InTime();
        await Bench.Link.CloseAsync().InTime();

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_directory_that_a_killed_process_has_left_is_removed_and_one_in_use_is_not()
    {
        string left = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"kiropool-ssh-{_id[..8]}")).FullName;
        string used = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"kiropool-ssh-{_id[8..16]}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(used, "1"), "");
        foreach (string folder in (string[])[left, used])
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-1));

        Open(isShared: true);
        await StartAsync(1);

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(used));
        Directory.Delete(used, recursive: true);
    }

    [Fact]
    public async Task A_key_that_the_host_does_not_know_is_a_refused_host()
    {
        Open(isShared: true);
        await using var bench = new FarBench(Ssh("UserKnownHostsFile", "/dev/null"), sharesConnection: true);

        AgentException failure = await bench.FailsAsync(FarBench.Script("exit"));

        Assert.Equal(FailureKind.HostRefused, failure.Kind);
        Assert.Contains("Host key verification failed", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tmp", true)]
    [InlineData("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T", true)]
    [InlineData("/home/me/a long directory", false)]
    [InlineData("/tmp/%h", false)]
    [InlineData("/tmp/${HOME}", false)]
    [InlineData("/tmp/'x'", false)]
    [InlineData("tmp", false)]
    [InlineData("/a/directory/whose/path/leaves/no/room/for/the/name/of/a/socket/below/it", false)]
    public void A_socket_is_made_where_its_path_is_short_and_means_nothing_else_to_ssh(string folder, bool isUsable) =>
        Assert.Equal(isUsable, SharedConnection.IsUsableParent(folder));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_started.Select(process => process.StopAsync(StopGraces.None, TimeProvider.System))).InTime();
        if (_bench is not null)
            await _bench.DisposeAsync();
        _sshd?.Dispose();
    }

    /// <summary>The agent's end is the loss of its link, with the time from which a repetition is safe.</summary>
    private static async Task LosesAsync(AgentProcess agent)
    {
        await agent.Exited.InTime();
        AgentException failure = await agent.ExplainEndAsync(FailureKind.AgentDied, "in this test").InTime();
        Assert.Equal((FailureKind.HostLost, "far"), (failure.Kind, failure.Value));
        Assert.True(failure.FencedAt > DateTimeOffset.UtcNow, "The time from which a repetition is safe has passed before the link was lost.");
    }

    private void Open(bool isShared, int maxSessions = 10)
    {
        Assert.SkipWhen(LoopbackSshd.WhyMissing is not null, LoopbackSshd.WhyMissing ?? "");
        _sshd = new LoopbackSshd(maxSessions);
        _bench = new FarBench(Ssh(), isShared);
    }

    private CommandPrefix Ssh(string option = "Compression", string value = "no")
    {
        ImmutableSortedDictionary<string, string> options = Sshd.Options.SetItem(option, value);
        return new SshHost { HostName = "far", Port = Sshd.Port, KeyFilePath = Sshd.KeyFile, Options = options }.ToPrefix(LoopbackSshd.Find("ssh")!, TimeSpan.FromSeconds(20));
    }

    private async Task<AgentProcess[]> StartAsync(int count, string script = "echo ready; exec cat")
    {
        var all = new AgentProcess[count];
        for (int i = 0; i < count; i++)
        {
            all[i] = await Bench.LaunchAsync(FarBench.Script(script) with { Environment = new Dictionary<string, string?> { [Variable] = _id } });
            _started.Add(all[i]);
            var line = new byte[6];
            await all[i].Output.ReadExactlyAsync(line).AsTask().InTime();
            Assert.Equal("ready\n", Encoding.ASCII.GetString(line));
        }

        return all;
    }
}
