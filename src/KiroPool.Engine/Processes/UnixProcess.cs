using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>A running process of a tree. A process that waits to be reaped does not run.</summary>
internal readonly record struct UnixProcess(int Id, int GroupId, long ResidentBytes)
{
    // kthreadd, the parent of all threads of the kernel.
    private const int KernelThreads = 2;
    private const int MostTries = 6;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(2);

    /// <summary>All running processes of a group, or with a marker in their environment.</summary>
    public static IReadOnlyList<UnixProcess> Find(int groupId, string marker) =>
        OperatingSystem.IsLinux() ? [.. FromProc(groupId, marker)] : [.. FromPs(groupId, marker)];

    private static IEnumerable<UnixProcess> FromProc(int groupId, string marker)
    {
        byte[] variable = Encoding.UTF8.GetBytes($"{AgentMarker.Variable}={marker}\0");
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && ProcStat.TryRead(id) is { IsDead: false } stat
                && (stat.GroupId == groupId || HasVariable(stat, variable)))
                yield return new UnixProcess(id, stat.GroupId, stat.ResidentBytes);
        }
    }

    private static bool IsKernelThread(ProcStat stat) => stat.Id == KernelThreads || stat.ParentId == KernelThreads;

    private static bool HasVariable(ProcStat stat, ReadOnlySpan<byte> variable)
    {
        try
        {
            // During an exec a process shows no environment for a moment. Kernel threads never have one. In a container an
            // ordinary process can look like a kernel thread, so each is read once.
            string path = $"/proc/{stat.Id}/environ";
            byte[] environment = File.ReadAllBytes(path);
            for (int tries = 1; environment.Length == 0 && tries < MostTries && !IsKernelThread(stat); tries++)
            {
                Thread.Sleep(BetweenTries);
                environment = File.ReadAllBytes(path);
            }

            // The value ends with a zero byte, so the marker of agent 1 does not match agent 12.
            return environment.AsSpan().IndexOf(variable) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Other Unix systems have no /proc; their ps shows the environment behind the command (-E).</summary>
    private static IEnumerable<UnixProcess> FromPs(int groupId, string marker)
    {
        using var ps = Process.Start(new ProcessStartInfo("/bin/ps", ["-axEww", "-o", "pid=,pgid=,rss=,stat=,command="]) { RedirectStandardOutput = true });
        while (ps?.StandardOutput.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 5 && !fields[3].StartsWith('Z') && Number(fields[0]) is var id && Number(fields[1]) is var group
                && (group == groupId || $"{fields[4]} ".Contains($" {AgentMarker.Variable}={marker} ", StringComparison.Ordinal)))
                yield return new UnixProcess(id, group, Number(fields[2]) * 1024L);
        }
    }

    private static int Number(string field) => int.TryParse(field, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
