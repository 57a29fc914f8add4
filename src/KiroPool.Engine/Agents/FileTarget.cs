namespace KiroPool.Engine.Agents;

/// <summary>The targets of paths. For a symbolic link, .NET reports the length and time of the link itself.</summary>
public static class FileTarget
{
    /// <summary>The file at the end of all links; null if there is none.</summary>
    /// <param name="path">The full path.</param>
    public static FileInfo? Of(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                file = new FileInfo(target.FullName);
            return file.Exists ? file : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Circular or unreadable links.
            return null;
        }
    }
}
