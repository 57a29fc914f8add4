namespace KiroPool.Engine.Processes;

/// <summary>
/// A program that becomes the leader of a new session and then another program. The process id stays, so the id that
/// .NET knows is the agent's id and also its group's id. .NET itself cannot start a process that way.
/// </summary>
/// <param name="Program">The full path.</param>
/// <param name="Arguments">The arguments before the program to run.</param>
internal sealed record SessionStarter(string Program, params string[] Arguments)
{
    /// <summary>setsid(1), part of util-linux and busybox, which every Linux has.</summary>
    public static SessionStarter? Setsid { get; } = Find("setsid");

    /// <summary>Perl is part of macOS, which has no setsid(1). It executes the program itself, without a shell.</summary>
    public static SessionStarter? Perl { get; } = Find("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"");

    /// <summary>The starter for this system; null on Windows, which uses a job object and a separate console.</summary>
    public static SessionStarter? Default { get; } = Setsid ?? Perl;

    private static SessionStarter? Find(string tool, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
            return null;
        string? path = ((string[])["/usr/bin", "/bin", "/usr/local/bin"]).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
        return path is null ? null : new SessionStarter(path, arguments);
    }
}
