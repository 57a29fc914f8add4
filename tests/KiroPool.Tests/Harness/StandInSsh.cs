namespace KiroPool.Tests.Harness;

/// <summary>
/// An ssh that reaches this machine, for tests that need none: it drops its options and runs the command in a login shell's
/// manner, in an environment of its own. Hosts whose name begins with "down" cannot be reached, with "refused" refuse the key.
/// </summary>
internal sealed class StandInSsh : IDisposable
{
    private const string Script = """
        #!/bin/sh
        while [ "$1" != -- ]; do echo "$1"; shift; done >> "${0%/*}/options"
        shift
        echo "host $1" >> "${0%/*}/options"
        case $1 in
            down*) echo "ssh: connect to host $1 port 22: No route to host" >&2; exit 255 ;;
            refused*) echo "ops@$1: Permission denied (publickey)." >&2; exit 255 ;;
        esac
        shift
        exec env -i HOME="$HOME" PATH=/usr/local/bin:/usr/bin:/bin DOTNET_ROOT="$DOTNET_ROOT" SSH_CONNECTION=stand-in /bin/sh -c "$*"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kiropool-ssh-").FullName;
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public StandInSsh()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-in is a script for Linux.");
        string program = Path.Combine(_folder, "ssh");
        File.WriteAllText(program, Script.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{_folder}:{_path}");
    }

    /// <summary>The options it was given, one a line, and the hosts.</summary>
    public IReadOnlyList<string> Options => File.ReadAllLines(Path.Combine(_folder, "options"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_folder, recursive: true);
    }
}
