using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KiroPool.Engine.Processes;

/// <summary>Sets the size of a pipe (Linux).</summary>
internal static partial class LinuxPipe
{
    // Four times the default. The kernel uses the memory only while it is filled, and allows a user 64 MB.
    private const int Bytes = 256 * 1024;
    private const int SetSize = 1031;

    /// <summary>
    /// Enlarges the pipe of an agent's output, so that a long answer does not cross it in steps of 64 kB, each with a
    /// context switch. If the kernel refuses, the pipe keeps its size.
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
