using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Processes;

/// <summary>A Windows job object (winnt.h, jobapi2.h).</summary>
internal sealed partial class JobObject : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int BasicAccountingInformation = 1;
    private const int BasicProcessIdList = 3;
    private const int ExtendedLimitInformation = 9;
    private const int ErrorMoreData = 234;
    private const uint LimitKillOnJobClose = 0x2000;

    public JobObject()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Creates a job whose processes end when the last handle to it is closed.</summary>
    public static JobObject KillOnClose()
    {
        JobObject job = CreateJobObject(0, null);
        var limits = new ExtendedLimits { Basic = { LimitFlags = LimitKillOnJobClose } };
        Check(!job.IsInvalid && SetInformation(job, ExtendedLimitInformation, in limits, Marshal.SizeOf<ExtendedLimits>()));
        return job;
    }

    public void Terminate() => Check(TerminateJob(this, exitCode: 1));

    public int CountProcesses()
    {
        Check(QueryInformation(this, BasicAccountingInformation, out BasicAccounting accounting, Marshal.SizeOf<BasicAccounting>(), 0));
        return (int)accounting.ActiveProcesses;
    }

    /// <summary>The ids of the processes in the job, the first thousand of them.</summary>
    public int[] ReadProcessIds()
    {
        // JOBOBJECT_BASIC_PROCESS_ID_LIST: two counts of 32 bits, then the ids, each as wide as a pointer.
        const int most = 1000;
        var list = new byte[8 + (most * nint.Size)];
        if (!QueryInformation(this, BasicProcessIdList, list, list.Length, 0) && Marshal.GetLastPInvokeError() != ErrorMoreData)
            return [];
        int count = Math.Min(BitConverter.ToInt32(list, 4), most);
        return [.. Enumerable.Range(0, count).Select(i => BitConverter.ToInt32(list, 8 + (i * nint.Size)))];
    }

    protected override bool ReleaseHandle() => CloseHandle(handle);

    private static void Check(bool success)
    {
        if (!success)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("kernel32", EntryPoint = "CreateJobObjectW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial JobObject CreateJobObject(nint attributes, string? name);

    [LibraryImport("kernel32", EntryPoint = "SetInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformation(JobObject job, int kind, in ExtendedLimits limits, int length);

    [LibraryImport("kernel32", EntryPoint = "QueryInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool QueryInformation(JobObject job, int kind, out BasicAccounting accounting, int length, nint returned);

    [LibraryImport("kernel32", EntryPoint = "QueryInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool QueryInformation(JobObject job, int kind, [Out] byte[] list, int length, nint returned);

    [LibraryImport("kernel32", EntryPoint = "TerminateJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateJob(JobObject job, uint exitCode);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CloseHandle(nint handle);

    [StructLayout(LayoutKind.Sequential)]
    private struct BasicLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimits
    {
        public BasicLimits Basic;
        public ulong ReadOperations;
        public ulong WriteOperations;
        public ulong OtherOperations;
        public ulong ReadBytes;
        public ulong WriteBytes;
        public ulong OtherBytes;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BasicAccounting
    {
        public long TotalUserTime;
        public long TotalKernelTime;
        public long ThisPeriodTotalUserTime;
        public long ThisPeriodTotalKernelTime;
        public uint TotalPageFaultCount;
        public uint TotalProcesses;
        public uint ActiveProcesses;
        public uint TotalTerminatedProcesses;
    }
}
