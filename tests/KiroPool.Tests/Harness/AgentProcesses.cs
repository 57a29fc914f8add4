using System.Diagnostics;
using System.Text;

namespace KiroPool.Tests.Harness;

/// <summary>Finds processes by an environment variable (Linux only).</summary>
internal static class AgentProcesses
{
    public static IReadOnlyList<int> Marked(string variable, string value)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts processes by /proc.");
        byte[] mark = Encoding.UTF8.GetBytes($"{variable}={value}\0");
        var found = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && Environ(folder).AsSpan().IndexOf(mark) >= 0)
                found.Add(pid);
        }

        return found;
    }

    public static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}") && Environ($"/proc/{pid}").Length > 0;

    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    // A zombie has none, so it does not count.
    private static byte[] Environ(string folder)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, "environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <summary>Counts repeatedly until it is disposed, and keeps the largest count.</summary>
internal sealed class ProcessSampler : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _done;

    public ProcessSampler(Func<int> count)
    {
        _thread = new Thread(() =>
        {
            while (!_done)
            {
                Most = Math.Max(Most, count());
                Thread.Sleep(1);
            }
        });
        _thread.Start();
    }

    public int Most { get; private set; }

    public void Dispose()
    {
        _done = true;
        _thread.Join();
    }
}
