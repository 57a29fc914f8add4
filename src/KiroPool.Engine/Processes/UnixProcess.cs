using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KiroPool.Engine.Processes;

/// <summary>A running process. A process that waits to be reaped does not run.</summary>
/// <param name="Id">Its id.</param>
/// <param name="GroupId">Its process group.</param>
/// <param name="ResidentBytes">Its resident memory.</param>
/// <param name="Marker">The agent marker of this host in its environment; null if it has none.</param>
internal readonly record struct UnixProcess(int Id, int GroupId, long ResidentBytes, string? Marker)
{
    // kthreadd, the parent of all threads of the kernel.
    private const int KernelThreads = 2;
    private const int MostTries = 6;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(2);
    /// <summary>The columns of ps that are read.</summary>
    internal const string PsColumns = "pid=,pgid=,rss=,stat=,command=";

    private static readonly string Variable = $"{AgentMarker.Variable}={AgentMarker.HostPrefix}";
    private static readonly byte[] VariableBytes = Encoding.UTF8.GetBytes(Variable);

    /// <summary>All of them that this user may see.</summary>
    public static IEnumerable<UnixProcess> ReadAll() => OperatingSystem.IsLinux() ? FromProc() : FromPs();

    private static IEnumerable<UnixProcess> FromProc()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && ProcStat.TryRead(id) is { IsDead: false } stat)
                yield return new UnixProcess(id, stat.GroupId, stat.ResidentBytes, MarkerOf(stat));
        }
    }

    private static bool IsKernelThread(ProcStat stat) => stat.Id == KernelThreads || stat.ParentId == KernelThreads;

    private static string? MarkerOf(ProcStat stat)
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

            int start = environment.AsSpan().IndexOf(VariableBytes);
            if (start < 0)
                return null;
            ReadOnlySpan<byte> value = environment.AsSpan(start + AgentMarker.Variable.Length + 1);

            // The value ends with a zero byte, so the marker of agent 1 does not match agent 12.
            return Encoding.UTF8.GetString(value.IndexOf((byte)0) is >= 0 and var end ? value[..end] : value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Other Unix systems have no /proc; their ps shows the environment after the command (-E).</summary>
    private static IReadOnlyList<UnixProcess> FromPs()
    {
        using Process ps = Process.Start(new ProcessStartInfo("/bin/ps", ["-axEww", "-o", PsColumns]) { RedirectStandardOutput = true })!;
        return [.. FromPs(ps.StandardOutput)];
    }

    /// <summary>Reads the output of ps with <see cref="PsColumns"/>.</summary>
    internal static IEnumerable<UnixProcess> FromPs(TextReader output)
    {
        while (output.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 5 && !fields[3].StartsWith('Z'))
                yield return new UnixProcess(Number(fields[0]), Number(fields[1]), Number(fields[2]) * 1024L, MarkerIn(fields[4]));
        }
    }

    private static string? MarkerIn(string commandAndEnvironment)
    {
        int start = commandAndEnvironment.IndexOf($" {Variable}", StringComparison.Ordinal);
        return start < 0 ? null : commandAndEnvironment[(start + AgentMarker.Variable.Length + 2)..].Split(' ', 2)[0];
    }

    private static int Number(string field) => int.TryParse(field, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
