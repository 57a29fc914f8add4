using System.Management.Automation;
using KiroPool.Tests.Harness;

namespace KiroPool.Tests.Pools;

/// <summary>Pools over other hosts, from the parameters to the results, with a stand-in for ssh.</summary>
[Collection<Alone>]
public sealed class HostTests
{
    [Fact]
    public void Prompts_run_on_every_host_and_say_where()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent(new { turnMs = 600 });
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("Start-KiroPool @Agent -HostName a, ops@b, c:2222 -MaxSize 1").WithoutError().Value<PoolInfo>();
        Ran ran = module.Run("1..9 | ForEach-Object { \"prompt $_\" } | Invoke-KiroPrompt").WithoutError();

        Assert.Equal(["a", "b", "c"], pool.HostName);
        Assert.Equal(["a", "b", "c"], ran.Results.Select(result => result.HostName!).Distinct().Order());
        Assert.Equal(9, agent.Prompts.Distinct().Count());
        Assert.Equal(["a", "b", "c"], module.Statistics().Hosts.Select(host => host.HostName));
        Assert.All(module.Statistics().Hosts, host => Assert.Equal("Up", host.State));
        Assert.Contains("ops", ssh.Options);
        Assert.Contains("2222", ssh.Options);
    }

    [Fact]
    public void This_machine_ssh_and_a_command_share_one_queue()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent(new { turnMs = 600 });
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("Start-KiroPool @Agent -HostName localhost, a -HostCommand @{ HostName = 'box'; Command = , 'env' } -MaxSize 1").WithoutError().Value<PoolInfo>();
        Ran ran = module.Run("1..9 | ForEach-Object { \"prompt $_\" } | Invoke-KiroPrompt").WithoutError();

        Assert.Equal(["localhost", "a", "box"], pool.HostName);
        Assert.Equal(["a", "box", "localhost"], ran.Results.Select(result => result.HostName!).Distinct().Order());
        Assert.Equal(9, agent.Prompts.Distinct().Count());
    }

    [Fact]
    public void A_pool_that_shares_is_another_one()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a").WithoutError();
        string error = module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a -ShareConnection").Error.ToString();

        Assert.Contains("-ShareConnection is not set, not set", error, StringComparison.Ordinal);
        Assert.DoesNotContain("-SSHConnection", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Localhost_needs_no_ssh()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        PoolInfo pool = module.Run("Start-KiroPool @Agent -HostName localhost, a -MinSize 0").WithoutError().Value<PoolInfo>();

        Assert.False(pool.Options.Hosts[0].IsFar);
        Assert.True(pool.Options.Hosts[1].IsFar);
    }

    [Fact]
    public void An_entry_of_SSHConnection_has_values_of_its_own()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        string key = agent.File("key", "").FullName;

        PoolInfo pool = module.Set("Key", key).Run("""
            Start-KiroPool @Agent -MinSize 0 -SSHConnection @{ HostName = 'a'; MaxSize = 8 }, @{ ComputerName = 'b'; UserName = 'x'; IdentityFilePath = $Key; Port = 22; Options = @{ Compression = 'yes' }; ConnectingTimeout = 5000 }, @{ HostName = 'localhost' }
            """).WithoutError().Value<PoolInfo>();

        Assert.Equal(["a", "b", "localhost"], pool.HostName);
        Assert.Equal(8, pool.Options.Hosts[0].MaxSize);
        Assert.Equal(["-p", "22", "-l", "x", "-i", key, "--", "b"], pool.Options.Hosts[1].Prefix!.Arguments[^8..]);
        Assert.Contains("Compression=yes", pool.Options.Hosts[1].Prefix!.Arguments);
        Assert.Contains("ConnectTimeout=5", pool.Options.Hosts[1].Prefix!.Arguments);
        Assert.False(pool.Options.Hosts[2].IsFar);
    }

    [Theory]
    [InlineData("-HostName '-oProxyCommand=touch x'")]
    [InlineData("-HostName 'build one'")]
    [InlineData("-HostName a, a")]
    [InlineData("-HostName a -UserName '-x'")]
    [InlineData("-UserName x")]
    [InlineData("-HostName a -Options @{ 'Proxy Command' = 'x' }")]
    [InlineData("-SSHConnection @{ Port = 22 }")]
    [InlineData("-SSHConnection @{ HostName = 'a'; Prot = 22 }")]
    [InlineData("-SSHConnection @{ HostName = 'a'; Port = 'ssh' }")]
    [InlineData("-SSHConnection @{ HostName = 'a'; MaxSize = 0 }")]
    [InlineData("-SSHConnection @{ HostName = '-a' }")]
    public void What_names_no_host_is_one_error_before_ssh_runs(string parameters)
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent {parameters}").Error;

        Assert.StartsWith("HostInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Throws<FileNotFoundException>(() => ssh.Options);
    }

    [Fact]
    public void The_same_hosts_return_the_pool_and_others_are_named()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a, b -HostLostSec 20").WithoutError();
        module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a, b -HostLostSec 20").WithoutError();
        ErrorRecord other = module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a -ConnectingTimeout 1000").Error;
        ErrorRecord hidden = module.Run("Start-KiroPool @Agent -MinSize 0 -HostName a, b -HostLostSec 20 -UserName x").Error;

        Assert.Contains("-HostLostSec is 20, not 15", other.ToString(), StringComparison.Ordinal);
        Assert.Contains("-HostName is a, b, not a", other.ToString(), StringComparison.Ordinal);
        Assert.Contains("-ConnectingTimeout is not set, not 1000", other.ToString(), StringComparison.Ordinal);
        Assert.Contains("-SSHConnection differs", hidden.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_looked_up_on_the_host()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord missing = module.Run("$Agent.WorkingDirectory = '/no/such'; Start-KiroPool @Agent -HostName a").Error;
        ErrorRecord relative = module.Run("$Agent.WorkingDirectory = 'src'; Start-KiroPool @Agent -HostName a").Error;

        Assert.StartsWith("WorkingDirectoryNotFound,", missing.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("on the host 'a'", missing.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("WorkingDirectoryNotFound,", relative.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("full path", relative.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Warm_agents_of_other_hosts_do_not_follow_the_present_location()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = $ExecutionContext.SessionState.Path.SetLocation($Agent.WorkingDirectory); $Agent.Remove('WorkingDirectory')
            $null = Start-KiroPool @Agent -HostName a
            $null = $ExecutionContext.SessionState.Path.SetLocation('/')
            Invoke-KiroPrompt 'where'
            """).WithoutError();

        Assert.Equal(agent.Folder, ran.Result.WorkingDirectory);
        Assert.Equal(1, agent.Count("start"));
    }

    [Theory]
    [InlineData("down", "HostUnreachable", "No route to host")]
    [InlineData("refused", "HostRefused", "Permission denied (publickey)")]
    public void A_host_that_gives_no_connection_is_one_error_with_the_words_of_ssh(string host, string id, string words)
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        ErrorRecord error = module.Run($"Start-KiroPool @Agent -HostName {host}").Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_sent_as_text_because_the_hosts_do_not_have_it()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        agent.File("notes.txt", "the content of the notes");

        Ran ran = module.Run("$null = Start-KiroPool @Agent -HostName a; Get-Item (Join-Path $Agent.WorkingDirectory notes.txt) | Invoke-KiroPrompt 'Summarise'").WithoutError();

        Assert.Equal("a", ran.Result.HostName);
        Assert.Contains("the content of the notes", Assert.Single(agent.Prompts), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_can_neither_be_sent_nor_linked_is_an_error_and_no_prompt()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        File.WriteAllBytes(Path.Combine(agent.Folder, "data.bin"), [0, 1, 2]);

        Ran binary = module.Run("$null = Start-KiroPool @Agent -HostName a; Get-Item (Join-Path $Agent.WorkingDirectory data.bin) | Invoke-KiroPrompt 'Summarise'");
        Ran folder = module.Run("Get-Item $Agent.WorkingDirectory | Invoke-KiroPrompt 'Summarise'");

        Assert.StartsWith("FileNotOnHost,", binary.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("FileNotOnHost,", folder.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(agent.Prompts);
    }

    [Fact]
    public void A_file_below_a_mapped_directory_is_a_link_to_its_path_on_the_hosts()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);
        agent.File("a b.txt", "never sent");
        Directory.CreateDirectory(Path.Combine(agent.Folder, "there"));
        agent.File(Path.Combine("there", "a b.txt"), "abc");

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent -HostName a -PathMap @{ $Agent.WorkingDirectory = "$($Agent.WorkingDirectory)/there/" }
            Get-Item (Join-Path $Agent.WorkingDirectory 'a b.txt') | Invoke-KiroPrompt 'Summarise'
            """).WithoutError();

        Assert.Equal("You said: Summarise\nLinked: a b.txt (3 bytes)", ran.Result.Text);
    }

    [Fact]
    public void The_view_of_statistics_has_a_line_for_each_host()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("$null = Start-KiroPool @Agent -HostName a, b -MinSize 0; $null = Invoke-KiroPrompt 'one'; Get-KiroPoolStats | Out-String").WithoutError();

        string view = ran.Value<string>();
        Assert.Matches("Host +: a Up, . of 5 processes", view);
        Assert.Matches("Host +: b Up, . of 5 processes", view);
        Assert.Matches(@"Host +PID State", view);
        Assert.Matches(@"\n[ab] +\d+ Idle ", view);
    }

    [Fact]
    public void Results_processes_and_hosts_have_the_name_that_remoting_uses()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent -HostName a -MinSize 0
            $result = Invoke-KiroPrompt 'one'; $result.PSComputerName
            $stats = Get-KiroPoolStats; $stats.Processes[0].PSComputerName; ($stats.Hosts | Group-Object PSComputerName).Name
            "$(($result | ConvertTo-Json) -match 'PSComputerName')"
            """).WithoutError();

        Assert.Equal(["a", "a", "a", "False"], ran.Values<string>());
    }

    [Fact]
    public void An_error_about_a_prompt_names_its_host_as_remoting_does()
    {
        using var ssh = new StandInSsh();
        using var agent = new SimulatedAgent();
        using var module = new ModuleRunspace(agent);

        Ran ran = module.Run("""
            $null = Start-KiroPool @Agent -HostName a -MinSize 0
            Invoke-KiroPrompt '[[error broken]]' -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].PSComputerName
            try { Invoke-KiroPrompt '[[error broken]]' -ErrorAction Stop } catch { $_.Exception.Result.HostName }
            """);

        Assert.Equal(["a", "a"], ran.Values<string>());
    }

    [Fact]
    public void Plain_ssh_as_the_program_is_warned_of()
    {
        using var ssh = new StandInSsh();
        using var module = new ModuleRunspace();

        Ran ran = module.Run("Start-KiroPool -FilePath ssh -ArgumentList a, true -NoWait -MinSize 0");

        Assert.Contains("-HostName", Assert.Single(ran.Warnings), StringComparison.Ordinal);
    }
}
