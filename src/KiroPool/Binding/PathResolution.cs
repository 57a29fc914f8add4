using System.Management.Automation;
using System.Security;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>One of the files and directories a path names, or why it is none.</summary>
/// <param name="Path">Its path: the full one of what was found, else as the user wrote it.</param>
/// <param name="Item">What was found.</param>
/// <param name="Fault">Why there is nothing.</param>
internal readonly record struct ResolvedItem(string Path, FileSystemInfo? Item, PromptInputException? Fault);

/// <summary>Converts PowerShell paths to full paths of the file system.</summary>
internal static class PathResolution
{
    private const string FileSystem = "FileSystem";

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

    /// <summary>
    /// The files and directories a path names, each by itself: one that is gone by now is no fault of the others. A name
    /// that exists as it is written is meant, whatever it would be as a pattern. A pattern may match nothing.
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
        string reason = cause is WildcardPatternException ? $" It is no valid pattern either: {cause.Message}" : "";
        return new(path, null, new PromptInputException(KiroErrors.PathNotFound, $"There is no file or directory '{path}'.{reason}", cause));
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

    /// <summary>The full path of what exists under just this name: PowerShell would make a separator of a backslash in it.</summary>
    private static string? AsWritten(SessionState session, string path)
    {
        if (path.StartsWith('~') || session.Path.CurrentLocation.Provider.Name != FileSystem)
            return null;
        string full = Path.GetFullPath(path, session.CurrentDirectory());
        return Path.Exists(full) ? full : null;
    }

    /// <summary>Whatever PowerShell and .NET say of a path that leads nowhere: a drive or provider that is not there, no home, a bad character.</summary>
    private static bool IsUnresolvable(Exception e) =>
        e is (RuntimeException or InvalidOperationException or NotSupportedException or ArgumentException or IOException or UnauthorizedAccessException or SecurityException)
            and not (PipelineStoppedException or FlowControlException);

    private static AgentException Missing(string path) =>
        new(FailureKind.WorkingDirectoryNotFound, $"The working directory '{path}' does not exist. Create it, or choose another one with -WorkingDirectory.") { Value = path };
}
