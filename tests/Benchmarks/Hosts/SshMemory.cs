using System.Globalization;

namespace KiroPool.Benchmarks.Hosts;

/// <summary>The memory of the ssh processes that this process has started, with their part of what they share. Linux only.</summary>
internal static class SshMemory
{
    /// <returns>Their number, and their megabytes.</returns>
    public static (int Count, double Megabytes) Read()
    {
        (int count, double kilobytes) = (0, 0);
        foreach (string folder in Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                string stat = File.ReadAllText(Path.Combine(folder, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (!stat.Contains("(ssh)", StringComparison.Ordinal) || fields[1] != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                    continue;
                string share = File.ReadLines(Path.Combine(folder, "smaps_rollup")).First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
                kilobytes += double.Parse(share.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
                count++;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return (count, kilobytes / 1000);
    }
}
