using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KiroPool.Testing;

/// <summary>
/// The running processes of this machine with their environment: from /proc on Linux, from ps on macOS, and out of the
/// memory of the processes on Windows.
/// </summary>
internal static class LiveProcesses
{
    /// <summary>Those that have an environment variable whose value begins so. To ask for a whole value, end it with a zero.</summary>
    public static IReadOnlyList<int> Marked(string variable, string valueStart) =>
        OperatingSystem.IsWindows() ? WindowsMemory.Find(WindowsMemory.ReadEnvironment, $"\0{variable}={valueStart}")
        : OperatingSystem.IsMacOS() ? FindByPs($" {variable}={valueStart.Replace('\0', ' ')}")
        : FindInProc("environ", $"\0{variable}={valueStart}");

    /// <summary>Those whose arguments contain these in a row.</summary>
    public static IReadOnlyList<int> Running(params string[] arguments) =>
        OperatingSystem.IsWindows() ? WindowsMemory.Find(WindowsMemory.ReadCommandLine, string.Join(' ', arguments))
        : OperatingSystem.IsMacOS() ? FindByPs(string.Join(' ', arguments))
        : FindInProc("cmdline", string.Join('\0', arguments));

    /// <summary>Whether a process runs. On Unix, one that has ended and was not reaped does not run.</summary>
    public static bool IsAlive(int id)
    {
        if (OperatingSystem.IsLinux())
            return ReadProc(id, "cmdline").Length > 1;
        if (OperatingSystem.IsMacOS())
            return Ps("-p", id.ToString(CultureInfo.InvariantCulture)).Count > 0;
        return WindowsMemory.IsAlive(id);
    }

    /// <summary>Kills one process.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Kills one process and waits until it has ended. Its parent may not know yet.</summary>
    public static Task EndAsync(int id)
    {
        Kill(id);
        return Eventually.HoldsAsync(() => OperatingSystem.IsLinux() ? HasEndedInProc(id) : !IsAlive(id));
    }

    // A process has ended when the last of its threads has; the first one may be dead before. The folder of the threads does
    // not serve: its listing stops at a thread that ends meanwhile.
    private static bool HasEndedInProc(int id)
    {
        const int State = 0;
        const int ThreadCount = 17;
        string stat = Encoding.UTF8.GetString(ReadProc(id, "stat"));
        int name = stat.LastIndexOf(')');
        string[] fields = name < 0 ? [] : stat[(name + 2)..].Split(' ');
        return fields.Length <= ThreadCount || (fields[State] is "Z" or "X" && int.Parse(fields[ThreadCount], CultureInfo.InvariantCulture) <= 1);
    }

    private static List<int> FindInProc(string file, string text)
    {
        byte[] sought = Encoding.UTF8.GetBytes(text);
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), out int id) ? id : 0)
                .Where(id => id > 0 && ReadProc(id, file).AsSpan().IndexOf(sought) >= 0),
        ];
    }

    private static byte[] ReadProc(int id, string file)
    {
        try
        {
            // A leading zero, so that every variable follows one.
            return [0, .. File.ReadAllBytes($"/proc/{id}/{file}")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The space stands for the zero at the end of the last variable.
    private static List<int> FindByPs(string text) =>
        [.. Ps("-axEww").Where(line => $"{line} ".Contains(text, StringComparison.Ordinal)).Select(line => int.Parse(line.TrimStart().Split(' ')[0], CultureInfo.InvariantCulture))];

    private static List<string> Ps(params string[] which)
    {
        using Process ps = Process.Start(new ProcessStartInfo("/bin/ps", [.. which, "-o", "pid=,stat=,command="]) { RedirectStandardOutput = true })!;
        var lines = new List<string>();
        while (ps.StandardOutput.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3 && !fields[1].StartsWith('Z') && int.Parse(fields[0], CultureInfo.InvariantCulture) != ps.Id)
                lines.Add(line);
        }

        return lines;
    }
}
