using System.Management.Automation;
using System.Security;
using KiroPool.Engine.Processes;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>One file or directory of a path, or the reason why there is none.</summary>
/// <param name="Path">Its full path if it was found, else the path as the user wrote it.</param>
/// <param name="Item">The found item.</param>
/// <param name="Fault">The reason why nothing was found.</param>
internal readonly record struct ResolvedItem(string Path, FileSystemInfo? Item, KiroException? Fault);

/// <summary>Converts PowerShell paths to full paths of the file system.</summary>
internal static class PathResolution
{
    private const string FileSystem = "FileSystem";

    /// <summary>The present directory, or the last one of the file system if the location is in another provider.</summary>
    public static string CurrentDirectory(this SessionState session) => session.Path.CurrentFileSystemLocation.ProviderPath;

    /// <summary>The present directory, if it can be entered.</summary>
    /// <exception cref="AgentException">It was deleted, or may not be entered.</exception>
    public static string UsableDirectory(this SessionState session)
    {
        string full = session.CurrentDirectory();
        WorkingDirectoryCheck.ThrowIfNotUsable(full, full);
        return Path.TrimEndingDirectorySeparator(full);
    }

    /// <summary>The full path of a directory.</summary>
    /// <exception cref="AgentException">The directory does not exist, may not be entered, or is not in the file system.</exception>
    public static string ResolveDirectory(this SessionState session, string path)
    {
        string full = Resolve(session, path) ?? throw Missing(path);
        WorkingDirectoryCheck.ThrowIfNotUsable(full, path);

        // A separator at the end would make another key, and so another process, for the same directory.
        return Path.TrimEndingDirectorySeparator(full);
    }

    /// <summary>The full path of a directory, on other hosts as it is written.</summary>
    /// <exception cref="AgentException">There is no such directory here, or the path is not a full path of another host.</exception>
    public static string ResolveDirectory(this SessionState session, string path, bool isFar) =>
        !isFar ? session.ResolveDirectory(path)
        : path.StartsWith('/') ? path.Length > 1 ? path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : path
        : throw new AgentException(FailureKind.WorkingDirectoryNotFound, $"'{path}' is not the full path of a directory on other hosts, such as /srv/src. Name one with -WorkingDirectory.") { Value = path };

    /// <summary>The full path of a program that is given as a path. A bare name stays a name, for PATH.</summary>
    public static string? ResolveProgram(this SessionState session, string? program) =>
        program is not null && (program.Contains('/') || program.Contains('\\') || program.StartsWith('~') || Path.IsPathRooted(program))
            ? Resolve(session, program) ?? program
            : program;

    /// <summary>The full path of a file that need not exist; null outside the file system.</summary>
    public static string? ResolveFile(this SessionState session, string path) => Resolve(session, path);

    /// <summary>
    /// The files and directories of a path. An item that has vanished does not affect the others. An existing name is taken
    /// literally, even if it is also a pattern. A pattern may match nothing.
    /// </summary>
    public static IReadOnlyList<ResolvedItem> ResolveItems(this SessionState session, string path, bool isLiteral)
    {
        if (Resolve(session, path) is { } exact && Find(exact) is { } found)
            return [new(found.FullName, found, null)];
        if (isLiteral)
            return [NotFound(path)];
        try
        {
            var names = session.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            bool mayBeNothing = NamePattern.Of(path).IsPattern;
            return provider.Name == FileSystem && (names.Count > 0 || mayBeNothing) ? [.. names.Select(full => Find(full) is { } item ? new ResolvedItem(full, item, null) : NotFound(full))] : [NotFound(path)];
        }
        catch (Exception e) when (IsUnresolvable(e))
        {
            return [NotFound(path, e)];
        }
    }

    private static FileSystemInfo? Find(string full) =>
        File.Exists(full) ? new FileInfo(full)
        : Directory.Exists(full) ? new DirectoryInfo(full)
        : null;

    private static ResolvedItem NotFound(string path, Exception? cause = null)
    {
        string reason = cause is WildcardPatternException ? $" It is not a valid pattern either: {cause.Message}" : "";
        return new(path, null, KiroException.PathNotFound($"There is no file or directory '{path}'.{reason}", cause));
    }

    /// <summary>The full path, which need not exist; null outside the file system.</summary>
    private static string? Resolve(SessionState session, string path)
    {
        try
        {
            if (AsWritten(session, path) is { } written)
                return written;
            string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == FileSystem ? full : null;
        }
        catch (Exception e) when (IsUnresolvable(e))
        {
            return null;
        }
    }

    /// <summary>The full path of an item with exactly this name. PowerShell would treat a backslash in it as a separator.</summary>
    private static string? AsWritten(SessionState session, string path)
    {
        if (path.StartsWith('~') || session.Path.CurrentLocation.Provider.Name != FileSystem)
            return null;
        string full = Path.GetFullPath(path, session.CurrentDirectory());
        return Path.Exists(full) ? full : null;
    }

    /// <summary>Whether an exception of PowerShell or .NET means a missing path: an unknown drive or provider, no home, an invalid character.</summary>
    private static bool IsUnresolvable(Exception e) =>
        e is (RuntimeException or InvalidOperationException or NotSupportedException or ArgumentException or IOException or UnauthorizedAccessException or SecurityException)
            and not (PipelineStoppedException or FlowControlException);

    private static AgentException Missing(string path) =>
        new(FailureKind.WorkingDirectoryNotFound, $"The working directory '{path}' is not in the file system. Choose another one with -WorkingDirectory.") { Value = path };
}
