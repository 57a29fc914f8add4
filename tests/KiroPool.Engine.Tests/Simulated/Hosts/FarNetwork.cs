using System.Diagnostics;

namespace KiroPool.Engine.Tests.Simulated.Hosts;

/// <summary>
/// A network of its own with one cable to this machine: what is between two hosts. The test is skipped where the system does
/// not allow one; it needs root and the program ip.
/// </summary>
internal sealed class FarNetwork : IDisposable
{
    private readonly string _name = $"kp{Guid.NewGuid():N}"[..10];

    public FarNetwork()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "A network of its own needs Linux and root.");
        Assert.SkipWhen(LoopbackSshd.Find("ip") is null && !File.Exists("/sbin/ip"), "The program ip (iproute2) is not installed.");
        (string Output, int ExitCode) made = Ip("netns", "add", _name);
        Assert.SkipWhen(made.ExitCode != 0, $"This machine allows no network namespaces: {made.Output}");
        byte[] random = Guid.NewGuid().ToByteArray();
        string net = $"10.{200 + (random[0] % 50)}.{random[1]}";
        Address = $"{net}.2";
        Require("link", "add", $"{_name}n", "type", "veth", "peer", "name", $"{_name}f", "netns", _name);
        Require("addr", "add", $"{net}.1/30", "dev", $"{_name}n");
        Require("link", "set", $"{_name}n", "up");
        Require("-n", _name, "addr", "add", $"{Address}/30", "dev", $"{_name}f");
        Mend();
    }

    /// <summary>The address of the far end.</summary>
    public string Address { get; }

    /// <summary>The words that run a command at the far end.</summary>
    public string[] Enter => ["ip", "netns", "exec", _name];

    /// <summary>Pulls the cable at the far end. Neither end is told; what is sent does not arrive.</summary>
    public void Cut() => Require("-n", _name, "link", "set", $"{_name}f", "down");

    public void Mend() => Require("-n", _name, "link", "set", $"{_name}f", "up");

    public void Dispose() => Ip("netns", "del", _name);

    private static void Require(params string[] arguments)
    {
        (string output, int exitCode) = Ip(arguments);
        Assert.True(exitCode == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }

    private static (string Output, int ExitCode) Ip(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string output = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        return (output, ip.ExitCode);
    }
}
