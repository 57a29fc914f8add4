using System.Diagnostics;
using System.Globalization;

namespace KiroPool.Tests.Harness;

/// <summary>
/// What a container is: process and mount namespaces that live as long as their first process. nsenter enters them as docker
/// exec does. The test is skipped where the system does not allow them.
/// </summary>
internal sealed class NamespaceBox : IDisposable
{
    // Root needs no user namespace.
    private static readonly string[] Kinds = Environment.UserName == "root" ? ["-m", "-p"] : ["-U", "-r", "-m", "-p"];

    private readonly Process _outer;

    public NamespaceBox()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Namespaces are a thing of Linux.");
        _outer = Process.Start(new ProcessStartInfo("unshare", [.. Kinds, "--fork", "--kill-child", "--mount-proc", "sh", "-c", "echo up; exec sleep 600"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (_outer.StandardOutput.ReadLine() != "up")
            Assert.Skip($"This machine allows no namespaces: {_outer.StandardError.ReadToEnd()}");
        string first = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_outer.Id}/task/{_outer.Id}/children")).Trim();
        Command = ["nsenter", "-t", first, .. Kinds.Where(kind => kind != "-r"), .. Kinds.Contains("-U") ? ["--preserve-credentials"] : Array.Empty<string>(), "--"];
    }

    /// <summary>The words that run a command in the box.</summary>
    public string[] Command { get; }

    public void Dispose()
    {
        // A skipped test ends in the constructor, where the process has ended already.
        if (!_outer.HasExited)
            _outer.Kill();
        _outer.WaitForExit();
        _outer.Dispose();
    }
}
