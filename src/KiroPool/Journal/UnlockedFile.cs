using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Journal;

/// <summary>
/// Opens a file for reading while another program writes it. On Unix .NET takes a lock for every reader, which the writer's
/// lock refuses, and which would keep a writer from starting meanwhile.
/// </summary>
internal static partial class UnlockedFile
{
    private const int ReadOnlyAndCloseOnExecLinux = 0x80000;
    private const int ReadOnlyAndCloseOnExecMac = 0x1000000;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not read it, or it is a directory.</exception>
    public static FileStream OpenRead(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
        {
            SafeFileHandle file = Open(path, OperatingSystem.IsMacOS() ? ReadOnlyAndCloseOnExecMac : ReadOnlyAndCloseOnExecLinux);
            if (!file.IsInvalid)
                return new FileStream(file, FileAccess.Read, bufferSize: 0);
            file.Dispose();
        }

        // Also for the error: .NET words it.
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);
}
