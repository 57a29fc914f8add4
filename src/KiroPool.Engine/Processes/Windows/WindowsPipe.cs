using System.ComponentModel;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KiroPool.Engine.Processes;

/// <summary>
/// A pipe to a child on Windows. An anonymous pipe, which .NET uses, can only be read with a blocking call: each agent
/// would hold two threads of the thread pool for its whole life. Of a named pipe, our end is overlapped and the child's
/// end is an ordinary one.
/// </summary>
internal sealed partial class WindowsPipe : IDisposable
{
    private const int Bytes = 64 * 1024;

    private const uint Inbound = 1;
    private const uint Outbound = 2;
    private const uint Overlapped = 0x4000_0000;
    private const uint FirstInstance = 0x0008_0000;
    private const uint RejectRemoteClients = 8;

    private const uint GenericRead = 0x8000_0000;
    private const uint GenericWrite = 0x4000_0000;
    private const uint ReadAttributes = 0x80;
    private const uint WriteAttributes = 0x100;
    private const uint OpenExisting = 3;

    private static int _last;

    private WindowsPipe(NamedPipeServerStream ours, SafeFileHandle childs) => (Ours, Childs) = (ours, childs);

    /// <summary>Our end.</summary>
    public NamedPipeServerStream Ours { get; }

    /// <summary>The child's end, inheritable. It must be closed here as soon as the child has it, or the pipe never ends.</summary>
    public SafeFileHandle Childs { get; }

    /// <summary>A pipe that the child reads.</summary>
    public static WindowsPipe ToChild() => Create(PipeDirection.Out, Outbound, GenericRead | WriteAttributes);

    /// <summary>A pipe that the child writes.</summary>
    public static WindowsPipe FromChild() => Create(PipeDirection.In, Inbound, GenericWrite | ReadAttributes);

    public void Dispose()
    {
        Ours.Dispose();
        Childs.Dispose();
    }

    /// <summary>
    /// Anonymous pipes also grant the right to the other kind of attributes; libuv and Cygwin set the pipe's mode with it.
    /// The name cannot be guessed, and the pipe has one instance, which this process itself opens: no other process can.
    /// </summary>
    private static WindowsPipe Create(PipeDirection direction, uint mode, uint childAccess)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $@"\\.\pipe\kiropool-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}-{Guid.NewGuid():N}");
        SafePipeHandle ours = CreateNamedPipe(name, mode | Overlapped | FirstInstance, RejectRemoteClients, 1, Bytes, Bytes, 0, 0);
        if (ours.IsInvalid)
            throw Failure(ours);
        var inheritable = new SecurityAttributes { Length = Marshal.SizeOf<SecurityAttributes>(), InheritHandle = 1 };
        SafeFileHandle childs = CreateFile(name, childAccess, 0, in inheritable, OpenExisting, 0, 0);
        if (!childs.IsInvalid)
            return new WindowsPipe(new NamedPipeServerStream(direction, isAsync: true, isConnected: true, ours), childs);
        Win32Exception failure = Failure(childs);
        ours.Dispose();
        throw failure;
    }

    private static Win32Exception Failure(SafeHandle handle)
    {
        var failure = new Win32Exception(Marshal.GetLastPInvokeError());
        handle.Dispose();
        return failure;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateNamedPipeW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafePipeHandle CreateNamedPipe(string name, uint openMode, uint pipeMode, uint maxInstances, uint outBytes, uint inBytes, uint defaultTimeout, nint security);

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafeFileHandle CreateFile(string name, uint access, uint share, in SecurityAttributes security, uint disposition, uint flags, nint template);

    private struct SecurityAttributes
    {
        public int Length;
        public nint Descriptor;
        public int InheritHandle;
    }
}
