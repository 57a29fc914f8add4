using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KiroPool.Testing;

/// <summary>
/// A real sshd of the present user on a free port of this machine, or in a network of its own, with keys and a configuration of
/// its own.
/// </summary>
internal sealed class LoopbackSshd : IDisposable
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin", "/opt/homebrew/bin"];

    private readonly string _folder = Directory.CreateTempSubdirectory("kiropool-sshd-").FullName;
    private readonly Process _server;

    /// <param name="maxSessions">The sessions that a connection may have.</param>
    /// <param name="address">The address that it listens on.</param>
    /// <param name="enter">The program and its words that run it elsewhere; none for here.</param>
    public LoopbackSshd(int maxSessions = 10, string address = "127.0.0.1", params string[] enter)
    {
        // sshd asks for it when it runs as root, even in the foreground.
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd");
        KeyFile = NewKey("id");
        string hostKey = NewKey("host");
        File.Copy(KeyFile + ".pub", Path.Combine(_folder, "authorized"));
        for (int tries = 1; ; tries++)
        {
            Port = FreePort();
            File.WriteAllText(Path.Combine(_folder, "config"), string.Create(CultureInfo.InvariantCulture, $"""
                ListenAddress {address}
                Port {Port}
                HostKey {hostKey}
                PidFile none
                AuthorizedKeysFile {Path.Combine(_folder, "authorized")}
                PermitRootLogin prohibit-password
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                UsePAM no
                StrictModes no
                MaxStartups 100
                MaxSessions {maxSessions}
                LogLevel VERBOSE

                """));
            string[] command = [.. enter, Find("sshd")!, "-D", "-f", Path.Combine(_folder, "config"), "-E", Log];
            _server = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true })!;
            while (!_server.HasExited && !Read().Contains("Server listening", StringComparison.Ordinal))
                Thread.Sleep(5);
            if (!_server.HasExited)
                break;

            // Another program may have taken the port meanwhile.
            if (tries == 3)
                throw new InvalidOperationException($"sshd does not run: {Read()}");
        }

        string known = Path.Combine(_folder, "known");
        File.WriteAllText(known, $"* {File.ReadAllText(hostKey + ".pub")}");
        Options = new Dictionary<string, string>
        {
            ["HostName"] = address,
            ["UserKnownHostsFile"] = known,
            ["GlobalKnownHostsFile"] = "/dev/null",
            ["StrictHostKeyChecking"] = "yes",
            ["IdentitiesOnly"] = "yes",
            ["IdentityAgent"] = "none",
        }.ToImmutableSortedDictionary();
    }

    /// <summary>Why this machine can have none; null if it can.</summary>
    public static string? WhyMissing =>
        OperatingSystem.IsWindows() ? "The tests need an sshd of Unix."
        : Find("sshd") is null || Find("ssh") is null ? "OpenSSH (ssh and sshd) is not installed."
        : null;

    public int Port { get; private set; }

    /// <summary>The private key that it accepts.</summary>
    public string KeyFile { get; }

    /// <summary>Options of ssh. They lead any name of a host to this sshd, and hold against the user's own configuration.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; }

    /// <summary>The connections that it has accepted so far.</summary>
    public int Connections => Read().Split("Accepted publickey").Length - 1;

    private string Log => Path.Combine(_folder, "log");

    /// <summary>Kills every connection at its far end. The listening sshd stays.</summary>
    public void KillConnections()
    {
        foreach (int id in SessionsOf(_server.Id))
        {
            try
            {
                using var session = Process.GetProcessById(id);
                session.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    public void Dispose()
    {
        KillConnections();
        _server.Kill();
        _server.WaitForExit();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static string? Find(string program) => Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The sessions of an sshd are its children. Between them and it there is one of root for each other user.</summary>
    private static IEnumerable<int> SessionsOf(int server)
    {
        (int Id, int Parent, string Name)[] all = [.. OperatingSystem.IsLinux() ? ReadProc() : ReadPs()];
        return Below(server);

        IEnumerable<int> Below(int id) =>
            all.Where(process => process.Parent == id && process.Name.StartsWith("sshd", StringComparison.Ordinal)).SelectMany(process => Below(process.Id).Prepend(process.Id));
    }

    private static IEnumerable<(int Id, int Parent, string Name)> ReadProc()
    {
        foreach (string folder in Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                continue;
            }

            int end = stat.LastIndexOf(')');
            yield return (Number(Path.GetFileName(folder)), Number(stat[(end + 2)..].Split(' ')[1]), stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end]);
        }
    }

    private static IEnumerable<(int Id, int Parent, string Name)> ReadPs()
    {
        using Process ps = Process.Start(new ProcessStartInfo("/bin/ps", ["-A", "-o", "pid=,ppid=,comm="]) { RedirectStandardOutput = true })!;
        while (ps.StandardOutput.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            yield return (Number(fields[0]), Number(fields[1]), Path.GetFileName(fields[2]));
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private string NewKey(string name)
    {
        string path = Path.Combine(_folder, name);
        using Process made = Process.Start(new ProcessStartInfo(Find("ssh-keygen")!, ["-q", "-t", "ed25519", "-N", "", "-f", path]))!;
        made.WaitForExit();
        return path;
    }

    private string Read()
    {
        try
        {
            using var reader = new StreamReader(new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
