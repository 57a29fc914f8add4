using System.Runtime.InteropServices;

namespace KiroPool.Engine.Processes;

/// <summary>A limit of this process, as the system keeps it.</summary>
internal static partial class ResourceLimit
{
    /// <summary>How many files the process may have open; null where there is no such limit. Costs no file handle to ask.</summary>
    public static long? OpenFiles
    {
        get
        {
            if (OperatingSystem.IsWindows() || Read(OperatingSystem.IsMacOS() ? 8 : 7, out Limits limits) != 0)
                return null;
            return limits.Soft > long.MaxValue ? null : (long)limits.Soft;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Read(int resource, out Limits limits);

    private readonly struct Limits
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
