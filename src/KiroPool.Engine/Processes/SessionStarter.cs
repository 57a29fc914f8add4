namespace KiroPool.Engine.Processes;

/// <summary>
/// A program that makes itself the leader of a new session and then becomes another program. The process id stays, so
/// the id .NET knows is the agent's own, and also its group's. .NET itself cannot start a process that way.
/// </summary>
/// <param name="Program">The full path.</param>
/// <param name="Arguments">What stands before the program to run.</param>
internal sealed record SessionStarter(string Program, params string[] Arguments)
{
    /// <summary>setsid(1), part of util-linux and of busybox: every Linux has it.</summary>
    public static SessionStarter? Setsid { get; } = Find("setsid");

    /// <summary>Perl is part of macOS, which has no setsid(1). It executes the program itself, without a shell.</summary>
    public static SessionStarter? Perl { get; } = Find("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"");

    /// <summary>The one that is used here; null on Windows, where a job object and a console of its own do what is needed.</summary>
    public static SessionStarter? Default { get; } = Setsid ?? Perl;

    private static SessionStarter? Find(string tool, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
            return null;
        string? path = ((string[])["/usr/bin", "/bin", "/usr/local/bin"]).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
        return path is null ? null : new SessionStarter(path, arguments);
    }
}
