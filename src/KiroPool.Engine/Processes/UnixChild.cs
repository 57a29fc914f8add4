using System.Runtime.InteropServices;

namespace KiroPool.Engine.Processes;

/// <summary>Asks the system about a child. .NET reports its end late, after a signal has passed through a queue.</summary>
internal static unsafe partial class UnixChild
{
    private const int ById = 1;
    private const int NoHang = 1;
    private const int Exited = 4;
    private const int SignalInfoBytes = 128;

    // .NET reaps the child.
    private static readonly int NoWait = OperatingSystem.IsMacOS() ? 0x20 : 0x0100_0000;

    /// <summary>Whether a child has ended. Costs less than a microsecond.</summary>
    public static bool HasEnded(int id)
    {
        // waitid(2) leaves zeros if the child still runs, and fails if the child was already reaped.
        Span<byte> info = stackalloc byte[SignalInfoBytes];
        info.Clear();
        fixed (byte* pointer = info)
            return WaitForState(ById, id, pointer, Exited | NoHang | NoWait) != 0 || info.ContainsAnyExcept((byte)0);
    }

    [LibraryImport("libc", EntryPoint = "waitid")]
    private static partial int WaitForState(int kind, int id, byte* info, int options);
}
