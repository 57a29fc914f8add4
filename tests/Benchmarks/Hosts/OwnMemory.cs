using System.Diagnostics;
using System.Globalization;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>Memory of this process that no other shares, in MB of 1,000,000 bytes.</summary>
internal static class OwnMemory
{
    public static double Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            using Process self = Process.GetCurrentProcess();
            return self.PrivateMemorySize64 / 1e6;
        }

        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1e6;
    }

    /// <summary>The same after a full collection.</summary>
    public static double ReadCollected()
    {
        Collect();
        return Read();
    }

    /// <summary>Managed memory in use after a full collection, in MB.</summary>
    public static double ReadManaged()
    {
        Collect();
        return GC.GetTotalMemory(forceFullCollection: true) / 1e6;
    }

    private static void Collect() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
