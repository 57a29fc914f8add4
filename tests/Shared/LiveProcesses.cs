using System.Diagnostics;
using System.Text;

namespace KiroPool.Testing;

/// <summary>Lists the processes of this machine (Linux only).</summary>
internal static class LiveProcesses
{
    /// <summary>Those started with an environment variable whose value begins so.</summary>
    public static IReadOnlyList<int> Marked(string variable, string valueStart)
    {
        byte[] mark = Encoding.UTF8.GetBytes($"\0{variable}={valueStart}");
        return [.. All().Where(id => Read(id, "environ").AsSpan().IndexOf(mark) >= 0)];
    }

    /// <summary>Those whose command line holds a text; arguments are separated by zero characters.</summary>
    public static IReadOnlyList<int> Running(string text)
    {
        byte[] sought = Encoding.UTF8.GetBytes(text);
        return [.. All().Where(id => Read(id, "cmdline").AsSpan().IndexOf(sought) >= 0)];
    }

    /// <summary>Whether a process runs. A zombie does not run.</summary>
    public static bool IsAlive(int id) => Read(id, "cmdline").Length > 1;

    /// <summary>Kills one process.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Kills one process and waits until it has ended. Its parent may not know yet.</summary>
    public static Task EndAsync(int id)
    {
        Kill(id);
        return Eventually.HoldsAsync(() => IsDead(id) && CountThreads(id) <= 1);
    }

    private static bool IsDead(int id)
    {
        string stat = Encoding.UTF8.GetString(Read(id, "stat"));
        int name = stat.LastIndexOf(')');
        return name < 0 || stat[name + 2] is 'Z' or 'X';
    }

    // A process has ended when the last of its threads has, and the first one may be dead before.
    private static int CountThreads(int id)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{id}/task").Length;
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }

    private static IEnumerable<int> All()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");
        return Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out int id) ? id : 0).Where(id => id > 0);
    }

    private static byte[] Read(int id, string file)
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
}
