using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KiroPool.Engine.Processes;

/// <summary>The size of a pipe, which Linux lets a process choose.</summary>
internal static partial class LinuxPipe
{
    // Four times the usual. The kernel takes the memory only while it is filled, and lets a user have 64 MB of such room.
    private const int Bytes = 256 * 1024;
    private const int SetSize = 1031;

    /// <summary>
    /// Gives an agent's output more room, so that a long answer is not written and read in turns of 64 kB, each with a
    /// change of processes. Where it is refused the pipe stays as it is.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static void Enlarge(Stream output)
    {
        if (output is PipeStream { SafePipeHandle: var handle })
            _ = Control(handle, SetSize, Bytes);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeHandle file, int command, int argument);
}
