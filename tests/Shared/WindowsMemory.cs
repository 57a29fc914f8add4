using System.Runtime.InteropServices;
using System.Text;

namespace KiroPool.Testing;

/// <summary>
/// Reads the environment and the command line of other processes out of their memory (64-bit Windows), where the process
/// environment block (PEB) points to them. Windows has no function for it.
/// </summary>
internal static partial class WindowsMemory
{
    private const uint QueryInformation = 0x400;
    private const uint ReadMemory = 0x10;
    private const uint StillActive = 259;

    // Offsets in the PEB and in RTL_USER_PROCESS_PARAMETERS.
    private const int Parameters = 0x20;
    private const int CommandLineLength = 0x70;
    private const int CommandLineText = 0x78;
    private const int EnvironmentText = 0x80;
    private const int EnvironmentLength = 0x3F0;
    private const int MostBytes = 1 << 20;

    /// <summary>The processes of which a text contains another one.</summary>
    public static IReadOnlyList<int> Find(Func<int, string> read, string text) =>
        // The host of a console inherits the environment of the process that it serves, and ends a little later.
        [.. All().Where(id => read(id).Contains(text, StringComparison.Ordinal) && IsProgram(ReadCommandLine(id)))];

    // A command line that can no longer be read is that of a process that has ended since.
    private static bool IsProgram(string commandLine) => commandLine.Length > 0 && !commandLine.Contains("conhost.exe", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a process runs.</summary>
    public static bool IsAlive(int id)
    {
        nint process = OpenProcess(QueryInformation, inherit: 0, id);
        if (process == 0)
            return false;
        bool isAlive = IsRunning(process);
        _ = CloseHandle(process);
        return isAlive;
    }

    /// <summary>A zero, then the variables, each with a zero behind it; empty if they cannot be read.</summary>
    public static string ReadEnvironment(int id) => Read(id, (process, parameters) =>
    {
        long length = ReadPointer(process, parameters + EnvironmentLength);
        string text = ReadText(process, ReadPointer(process, parameters + EnvironmentText), length is > 0 and < MostBytes ? length : MostBytes);
        int end = text.IndexOf("\0\0", StringComparison.Ordinal);
        return "\0" + (end < 0 ? text : text[..(end + 1)]);
    });

    /// <summary>The command line; empty if it cannot be read.</summary>
    public static string ReadCommandLine(int id) => Read(id, (process, parameters) =>
        ReadText(process, ReadPointer(process, parameters + CommandLineText), ReadPointer(process, parameters + CommandLineLength) & 0xFFFF));

    private static IEnumerable<int> All()
    {
        var ids = new int[4096];
        return EnumProcesses(ids, ids.Length * sizeof(int), out int bytes) != 0 ? ids.Take(bytes / sizeof(int)).Where(id => id > 4) : [];
    }

    private static string Read(int id, Func<nint, long, string> read)
    {
        nint process = OpenProcess(QueryInformation | ReadMemory, inherit: 0, id);
        if (process == 0)
            return "";
        try
        {
            // PROCESS_BASIC_INFORMATION; the address of the PEB is its second part.
            var basic = new long[6];
            if (!IsRunning(process) || NtQueryInformationProcess(process, 0, basic, basic.Length * sizeof(long), out _) != 0 || basic[1] == 0)
                return "";
            long parameters = ReadPointer(process, basic[1] + Parameters);
            return parameters == 0 ? "" : read(process, parameters);
        }
        finally
        {
            _ = CloseHandle(process);
        }
    }

    private static bool IsRunning(nint process) => GetExitCodeProcess(process, out uint code) != 0 && code == StillActive;

    private static long ReadPointer(nint process, long address)
    {
        var bytes = new byte[sizeof(long)];
        return ReadProcessMemory(process, (nint)address, bytes, bytes.Length, out _) != 0 ? BitConverter.ToInt64(bytes) : 0;
    }

    private static string ReadText(nint process, long address, long length)
    {
        // A read that crosses the end of the mapped memory fails as a whole, so it is repeated with a page less.
        const int page = 4096;
        var bytes = new byte[length];
        while (length > 0 && ReadProcessMemory(process, (nint)address, bytes, (nint)length, out _) == 0)
            length = (length - 1) / page * page;
        return Encoding.Unicode.GetString(bytes, 0, (int)length);
    }

    [LibraryImport("kernel32")]
    private static partial nint OpenProcess(uint access, int inherit, int id);

    [LibraryImport("kernel32")]
    private static partial int CloseHandle(nint handle);

    [LibraryImport("kernel32")]
    private static partial int GetExitCodeProcess(nint process, out uint code);

    [LibraryImport("kernel32", EntryPoint = "K32EnumProcesses")]
    private static partial int EnumProcesses([Out] int[] ids, int length, out int written);

    [LibraryImport("kernel32")]
    private static partial int ReadProcessMemory(nint process, nint address, [Out] byte[] bytes, nint length, out nint read);

    [LibraryImport("ntdll")]
    private static partial int NtQueryInformationProcess(nint process, int kind, [Out] long[] data, int length, out int written);
}
