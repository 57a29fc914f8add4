using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>Turns paths as users write them in PowerShell into full paths of the file system.</summary>
internal static class PathResolution
{
    /// <summary>The directory the user is in; the last one of the file system while they are in a registry or the like.</summary>
    public static string CurrentDirectory(this SessionState session) => session.Path.CurrentFileSystemLocation.ProviderPath;

    /// <summary>The full path of a directory.</summary>
    /// <exception cref="AgentException">It does not exist, or is not in the file system.</exception>
    public static string ResolveDirectory(this SessionState session, string path)
    {
        string full = Resolve(session, path);
        return Directory.Exists(full) ? full : throw Missing(path);
    }

    /// <summary>The full path of the agent's program where it is given as a path; a bare name stays a name, for PATH.</summary>
    public static string? ResolveProgram(this SessionState session, string? program) =>
        program is not null && (program.Contains('/') || program.Contains('\\') || program.StartsWith('~') || Path.IsPathRooted(program))
            ? Resolve(session, program)
            : program;

    private static string Resolve(SessionState session, string path)
    {
        try
        {
            string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" ? full : throw Missing(path);
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            throw Missing(path);
        }
    }

    private static AgentException Missing(string path) =>
        new(FailureKind.WorkingDirectoryNotFound, $"The directory '{path}' does not exist. It is never replaced by another one.") { Value = path };
}
