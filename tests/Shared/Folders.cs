namespace KiroPool.Testing;

/// <summary>Folders of tests.</summary>
internal static class Folders
{
    /// <summary>
    /// Deletes a folder with everything in it. A process that is being ended may still write into it. On Windows a directory is
    /// in use while a process works in it, and the host of an agent's console does so a little longer than the agent.
    /// </summary>
    public static void Delete(string path) => Eventually.Holds(() => TryDelete(path));

    private static bool TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
