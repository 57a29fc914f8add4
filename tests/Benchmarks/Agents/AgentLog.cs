using System.Globalization;
using System.Text;

namespace KiroPool.Benchmarks.Agents;

/// <summary>The log of a simulator, read while it is written: when the agent saw what.</summary>
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

    /// <summary>Where the simulator is to write it.</summary>
    public string Path { get; }

    /// <summary>Waits for the next event of a name, passing over others, and gives its time.</summary>
    public DateTime Next(string name)
    {
        byte[] sought = Encoding.ASCII.GetBytes(name);
        while (true)
        {
            // Not more often: the agent needs a processor, too.
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
