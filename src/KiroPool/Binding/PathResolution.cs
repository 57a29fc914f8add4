using System.Management.Automation;
using KiroPool.Errors;

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
        // Without the separator at the end: it would make another key, and so another process, of the same directory.
        return Resolve(session, path) is { } full && Directory.Exists(full) ? Path.TrimEndingDirectorySeparator(full) : throw Missing(path);
    }

    /// <summary>The full path of the agent's program where it is given as a path; a bare name stays a name, for PATH.</summary>
    public static string? ResolveProgram(this SessionState session, string? program) =>
        program is not null && (program.Contains('/') || program.Contains('\\') || program.StartsWith('~') || Path.IsPathRooted(program))
            ? Resolve(session, program) ?? program
            : program;

    /// <summary>The full path of a file that need not exist; null outside the file system.</summary>
    public static string? ResolveFile(this SessionState session, string path) => Resolve(session, path);

    /// <summary>The files and directories a path names. Wildcards may match nothing; a path without them must exist.</summary>
    /// <exception cref="PromptInputException">It does not exist, or is not in the file system.</exception>
    public static IEnumerable<FileSystemInfo> ResolveItems(this SessionState session, string path, bool isLiteral)
    {
        if (isLiteral)
            return [ToItem(Resolve(session, path), path)];
        try
        {
            IEnumerable<string> found = session.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            return provider.Name == "FileSystem" ? found.Select(full => ToItem(full, path)) : throw NotFound(path);
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException)
        {
            throw NotFound(path, e);
        }
    }

    private static FileSystemInfo ToItem(string? full, string path) =>
        File.Exists(full) ? new FileInfo(full)
        : Directory.Exists(full) ? new DirectoryInfo(full)
        : throw NotFound(path);

    private static PromptInputException NotFound(string path, Exception? cause = null) =>
        new(KiroErrors.PathNotFound, $"There is no file or directory '{path}'.", cause);

    /// <summary>The full path, whether or not there is anything; null outside the file system.</summary>
    private static string? Resolve(SessionState session, string path)
    {
        try
        {
            string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" ? full : null;
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            return null;
        }
    }

    private static AgentException Missing(string path) =>
        new(FailureKind.WorkingDirectoryNotFound, $"The directory '{path}' does not exist. It is never replaced by another one.") { Value = path };
}
