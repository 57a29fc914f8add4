using System.Globalization;
using System.Text;

namespace KiroPool.Simulator;

/// <summary>Counts how often each point was reached and says which faults are due.</summary>
internal sealed class FaultScript(IEnumerable<Fault> faults)
{
    private static readonly TimeSpan SharedCountPatience = TimeSpan.FromSeconds(5);

    private readonly Entry[] _entries = [.. faults.Select(fault => new Entry(fault))];

    /// <summary>The faults due at this occurrence of <paramref name="at"/>, in the order of the settings.</summary>
    public Fault[] Take(FaultPoint at, string? prompt = null) =>
        _entries.Length == 0 ? [] : [.. _entries.Where(entry => entry.Fault.At == at && entry.IsDue(prompt)).Select(entry => entry.Fault)];

    private sealed class Entry(Fault fault)
    {
        private int _seen;

        public Fault Fault => fault;

        public bool IsDue(string? prompt)
        {
            if (fault.Match is { } match && prompt?.Contains(match, StringComparison.Ordinal) != true)
                return false;

            long occurrence = (fault.EveryProcess ? Interlocked.Increment(ref _seen) : CountShared(fault.State!)) - fault.After;
            return occurrence > 0 && (fault.Times is not { } times || occurrence <= times);
        }
    }

    private static long CountShared(string path)
    {
        DateTime deadline = DateTime.UtcNow + SharedCountPatience;
        while (true)
        {
            try
            {
                // FileShare.None is an flock: the read and the write below are one step for all simulators.
                using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                using StreamReader reader = new(file, leaveOpen: true);
                long count = long.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out long before) ? before + 1 : 1;

                // Over the old number, in one write: a process killed here leaves the file whole. It only gets longer.
                file.Position = 0;
                file.Write(Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)));
                return count;
            }
            catch (IOException e)
            {
                if (e is DirectoryNotFoundException || DateTime.UtcNow > deadline)
                    throw new SettingsException($"{path}: occurrences cannot be counted here: {e.Message}");
                Thread.Sleep(1);
            }
        }
    }
}
