using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KiroPool.Simulator;

/// <summary>The system calls .NET has no name for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Libc
{
    public static readonly int AppendFlags = OperatingSystem.IsMacOS() ? 0x1 | 0x8 | 0x1000000 : 0x1 | 0x400 | 0x80000;

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int NewSession();

    [DoesNotReturn]
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void ExitNow(int code);

    // open(2) takes its mode as a variadic argument, which is passed differently on some platforms; so no O_CREAT here.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);
}
