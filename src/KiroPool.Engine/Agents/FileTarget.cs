namespace KiroPool.Engine.Agents;

/// <summary>The files that paths lead to. What .NET says of a symbolic link is the link's own length and time.</summary>
public static class FileTarget
{
    /// <summary>The file at the end of all links; null when there is none.</summary>
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
            // Links that lead in a circle, or where nobody may look.
            return null;
        }
    }
}
