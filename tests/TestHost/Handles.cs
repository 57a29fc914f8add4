namespace KiroPool.TestHost;

/// <summary>Uses up the file handles a process may have.</summary>
internal static class Handles
{
    private static readonly List<FileStream> Open = [];

    /// <summary>Opens files until the system refuses. Returns how many that were.</summary>
    public static int TakeAll()
    {
        try
        {
            while (true)
                Open.Add(new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));
        }
        catch (IOException)
        {
            return Open.Count;
        }
    }
}
