using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Processes;

/// <summary>The memory of one process on Windows. The framework's own question looks through all processes of the machine.</summary>
internal static partial class WindowsMemory
{
    private const int MayQuery = 0x1000;

    /// <summary>The working set in bytes; 0 if the process has ended.</summary>
    public static long ReadBytes(int processId)
    {
        using SafeProcessHandle process = OpenProcess(MayQuery, inheritHandle: false, processId);
        return !process.IsInvalid && ReadCounters(process, out Counters counters, Marshal.SizeOf<Counters>()) ? (long)counters.WorkingSetSize : 0;
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial SafeProcessHandle OpenProcess(int access, [MarshalAs(UnmanagedType.Bool)] bool inheritHandle, int processId);

    [LibraryImport("kernel32", EntryPoint = "K32GetProcessMemoryInfo", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool ReadCounters(SafeProcessHandle process, out Counters counters, int length);

    [StructLayout(LayoutKind.Sequential)]
    private struct Counters
    {
        public uint Length;
        public uint PageFaultCount;
        public nuint PeakWorkingSetSize;
        public nuint WorkingSetSize;
        public nuint QuotaPeakPagedPoolUsage;
        public nuint QuotaPagedPoolUsage;
        public nuint QuotaPeakNonPagedPoolUsage;
        public nuint QuotaNonPagedPoolUsage;
        public nuint PagefileUsage;
        public nuint PeakPagefileUsage;
    }
}
