using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Converts PowerShell paths to full paths of the file system.</summary>
internal static class PathResolution
{
    /// <summary>The present directory, or the last one of the file system if the location is in another provider.</summary>
    public static string CurrentDirectory(this SessionState session) => session.Path.CurrentFileSystemLocation.ProviderPath;

    /// <summary>The full path of a directory.</summary>
    /// <exception cref="AgentException">The directory does not exist, or is not in the file system.</exception>
    public static string ResolveDirectory(this SessionState session, string path)
    {
        // A separator at the end would make another key, and so another process, for the same directory.
        return Resolve(session, path) is { } full && Directory.Exists(full) ? Path.TrimEndingDirectorySeparator(full) : throw Missing(path);
    }

    /// <summary>The full path of a program that is given as a path. A bare name stays a name, for PATH.</summary>
    public static string? ResolveProgram(this SessionState session, string? program) =>
        program is not null && (program.Contains('/') || program.Contains('\\') || program.StartsWith('~') || Path.IsPathRooted(program))
            ? Resolve(session, program) ?? program
            : program;

    /// <summary>The full path of a file that need not exist; null outside the file system.</summary>
    public static string? ResolveFile(this SessionState session, string path) => Resolve(session, path);

    /// <summary>The files and directories of a path. Wildcards may match nothing; a path without them must exist.</summary>
    /// <exception cref="PromptInputException">The path does not exist, or is not in the file system.</exception>
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

    /// <summary>The full path, which need not exist; null outside the file system.</summary>
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
        new(FailureKind.WorkingDirectoryNotFound, $"The working directory '{path}' does not exist. Create it, or choose another one with -WorkingDirectory.") { Value = path };
}
