using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Processes;

/// <summary>
/// What a new process gets beside its command line (STARTUPINFOEX): exactly these handles and no others of the host,
/// and the job that it is in from its first instruction.
/// </summary>
internal sealed unsafe partial class StartupAttributes : IDisposable
{
    private const nuint HandleList = 0x0002_0002;
    private const nuint JobList = 0x0002_000D;
    private const uint UseStandardHandles = 0x100;
    private const int Attributes = 2;

    private readonly Memory* _memory = (Memory*)NativeMemory.AllocZeroed((nuint)sizeof(Memory));

    public StartupAttributes(JobObject job, SafeFileHandle input, SafeFileHandle output, SafeFileHandle error)
    {
        _memory->Job = job.DangerousGetHandle();
        StartupInfo* info = &_memory->Info;
        info->Size = (uint)sizeof(StartupInfo);
        info->Flags = UseStandardHandles;
        info->Input = _memory->Handles.Input = input.DangerousGetHandle();
        info->Output = _memory->Handles.Output = output.DangerousGetHandle();
        info->Error = _memory->Handles.Error = error.DangerousGetHandle();

        nuint bytes = 0;
        _ = InitializeList(0, Attributes, 0, ref bytes);
        void* list = NativeMemory.Alloc(bytes);
        if (!InitializeList((nint)list, Attributes, 0, ref bytes))
        {
            int code = Marshal.GetLastPInvokeError();
            NativeMemory.Free(list);
            NativeMemory.Free(_memory);
            throw new Win32Exception(code);
        }

        info->AttributeList = (nint)list;
        Set(HandleList, &_memory->Handles, sizeof(InheritedHandles));
        Set(JobList, &_memory->Job, sizeof(nint));
    }

    /// <summary>A STARTUPINFOEXW, valid until <see cref="Dispose"/>.</summary>
    public nint Info => (nint)(&_memory->Info);

    public void Dispose()
    {
        DeleteList(_memory->Info.AttributeList);
        NativeMemory.Free((void*)_memory->Info.AttributeList);
        NativeMemory.Free(_memory);
    }

    /// <summary>The list keeps the address of the value.</summary>
    private void Set(nuint attribute, void* value, int bytes)
    {
        if (UpdateAttribute(_memory->Info.AttributeList, 0, attribute, (nint)value, (nuint)bytes, 0, 0))
            return;
        int code = Marshal.GetLastPInvokeError();
        Dispose();
        throw new Win32Exception(code);
    }

    [LibraryImport("kernel32", EntryPoint = "InitializeProcThreadAttributeList", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool InitializeList(nint list, int count, uint flags, ref nuint bytes);

    [LibraryImport("kernel32", EntryPoint = "UpdateProcThreadAttribute", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool UpdateAttribute(nint list, uint flags, nuint attribute, nint value, nuint bytes, nint previous, nint returned);

    [LibraryImport("kernel32", EntryPoint = "DeleteProcThreadAttributeList")]
    private static partial void DeleteList(nint list);

    private struct Memory
    {
        public StartupInfo Info;
        public InheritedHandles Handles;
        public nint Job;
    }

    private struct InheritedHandles
    {
        public nint Input;
        public nint Output;
        public nint Error;
    }

    /// <summary>STARTUPINFOEXW (winbase.h).</summary>
    private struct StartupInfo
    {
        public uint Size;
        public nint Reserved;
        public nint Desktop;
        public nint Title;
        public uint X;
        public uint Y;
        public uint Width;
        public uint Height;
        public uint Columns;
        public uint Rows;
        public uint Fill;
        public uint Flags;
        public ushort ShowWindow;
        public ushort Reserved2Bytes;
        public nint Reserved2;
        public nint Input;
        public nint Output;
        public nint Error;
        public nint AttributeList;
    }
}
