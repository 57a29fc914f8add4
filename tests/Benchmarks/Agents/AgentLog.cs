using System.Globalization;
using System.Text;

namespace KiroPool.Benchmarks.Agents;

/// <summary>Reads the log of a simulator while it is written, for the times of events.</summary>
internal sealed class AgentLog : IDisposable
{
    private readonly FileStream _file;
    private readonly BareLines _lines;

    public AgentLog()
    {
        Path = System.IO.Path.GetTempFileName();
        _file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _lines = new BareLines(_file);
    }

    /// <summary>The path of the log.</summary>
    public string Path { get; }

    /// <summary>Waits for the next event with a name and returns its time. Other events are skipped.</summary>
    public DateTime Next(string name)
    {
        byte[] sought = Encoding.ASCII.GetBytes(name);
        while (true)
        {
            // Not more often, because the agent needs a processor too.
            if (!_lines.TryRead(out ReadOnlySpan<byte> line))
                Thread.Sleep(1);
            else if (BareLines.StringAfter(line, "\"event\":\""u8).SequenceEqual(sought))
                return DateTime.Parse(Encoding.ASCII.GetString(BareLines.StringAfter(line, "\"time\":\""u8)), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(Path);
    }
}
