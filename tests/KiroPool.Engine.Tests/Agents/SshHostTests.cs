using System.Collections.Immutable;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Agents;

/// <summary>What ssh gets: the host as the user wrote it, and what the pool needs of the connection.</summary>
public sealed class SshHostTests
{
    private static readonly SshHost Rest = new() { HostName = "any" };

    [Theory]
    [InlineData("build1", "build1", null, null)]
    [InlineData("ops@build2", "build2", "ops", null)]
    [InlineData("build3:2222", "build3", null, 2222)]
    [InlineData("ops@build3:2222", "build3", "ops", 2222)]
    [InlineData("a@realm@build", "build", "a@realm", null)]
    [InlineData("::1", "::1", null, null)]
    [InlineData("[::1]", "::1", null, null)]
    [InlineData("ops@[fe80::1]:22", "fe80::1", "ops", 22)]
    public void A_name_is_read_as_New_PSSession_reads_it(string text, string host, string? user, int? port)
    {
        SshHost read = SshHost.Parse(text, Rest);

        Assert.Equal((host, user, port), (read.HostName, read.UserName, read.Port));
    }

    [Fact]
    public void A_name_goes_before_the_values_for_all()
    {
        SshHost read = SshHost.Parse("ops@build:2222", new SshHost { HostName = "any", UserName = "all", Port = 22 });

        Assert.Equal(("ops", 2222), (read.UserName, read.Port));
        Assert.Equal(("all", 22), (SshHost.Parse("build", new SshHost { HostName = "any", UserName = "all", Port = 22 }) is var other ? (other.UserName, other.Port!.Value) : default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=touch x")]
    [InlineData("-build")]
    [InlineData("ops@-build")]
    [InlineData("-ops@build")]
    [InlineData("build one")]
    [InlineData("build\n")]
    [InlineData("build:ssh")]
    [InlineData("build:0")]
    [InlineData("build:65536")]
    [InlineData("build:")]
    [InlineData("ops@")]
    [InlineData("@build")]
    public void A_text_that_names_no_host_is_refused(string text) => Assert.Throws<ArgumentException>(() => SshHost.Parse(text, Rest));

    [Theory]
    [InlineData("Proxy Command", "x")]
    [InlineData("", "x")]
    [InlineData("Compression", "yes\nProxyCommand=x")]
    public void An_option_that_ssh_would_read_as_something_else_is_refused(string name, string value) =>
        Assert.Throws<ArgumentException>(() => new SshHost { HostName = "build", Options = ImmutableSortedDictionary<string, string>.Empty.Add(name, value) });

    [Fact]
    public void Every_value_is_an_argument_of_its_own_and_the_host_is_last()
    {
        var host = new SshHost { HostName = "build", UserName = "o p".Replace(' ', '$'), Port = 22, KeyFilePath = "/a key", Options = ImmutableSortedDictionary<string, string>.Empty.Add("Compression", "yes") };
        CommandPrefix prefix = host.ToPrefix("/usr/bin/ssh", TimeSpan.FromSeconds(1.5));

        Assert.True(prefix.IsShell);
        Assert.Equal(["-p", "22", "-l", "o$p", "-i", "/a key", "--", "build"], prefix.Arguments[^8..]);
        Assert.Contains("Compression=yes", prefix.Arguments);
        Assert.Contains("ConnectTimeout=2", prefix.Arguments);
    }

    [Theory]
    [InlineData("BatchMode", "no")]
    [InlineData("ControlPath", "/tmp/x")]
    [InlineData("ForwardAgent", "yes")]
    [InlineData("RemoteCommand", "x")]
    public void An_option_that_the_pool_needs_comes_before_the_users(string name, string value)
    {
        CommandPrefix prefix = new SshHost { HostName = "build", Options = ImmutableSortedDictionary<string, string>.Empty.Add(name, value) }.ToPrefix("/usr/bin/ssh", TimeSpan.FromSeconds(1));
        string[] values = [.. prefix.Arguments.Where(argument => argument.StartsWith(name + "=", StringComparison.Ordinal))];

        Assert.Equal(2, values.Length);
        Assert.NotEqual($"{name}={value}", values[0]);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("me@localhost", false)]
    [InlineData("localhost:22", false)]
    [InlineData("127.0.0.1", false)]
    public void Localhost_alone_is_this_machine(string text, bool isLocal) => Assert.Equal(isLocal, SshHost.Parse(text, Rest).IsLocal);
}
