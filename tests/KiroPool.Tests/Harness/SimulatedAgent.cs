using System.Collections;
using System.Text.Json;

namespace KiroPool.Tests.Harness;

/// <summary>
/// A simulated kiro-cli with its own settings. Scripts start a pool of it with <c>Start-KiroPool @Agent</c>. The test
/// counts by its log and its living processes. Disposing it fails if a process is left.
/// </summary>
internal sealed class SimulatedAgent : IDisposable
{
    private const string Marker = "KIROPOOL_TEST";

    // The stop ladder's two graces, and a busy machine.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly string _folder;

    /// <param name="settings">Properties of SimulatorSettings, in camelCase.</param>
    public SimulatedAgent(object? settings = null)
    {
        _folder = Directory.CreateTempSubdirectory("kiropool-cmdlets-").FullName;
        LogFile = Path.Combine(_folder, "log.jsonl");
        Dictionary<string, object?> all = JsonSerializer.SerializeToElement(settings ?? new { })
            .EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value);
        all["log"] = LogFile;
        Parameters = new Hashtable
        {
            ["FilePath"] = Repository.Simulator,
            ["ArgumentList"] = "acp",
            ["WorkingDirectory"] = _folder,
            ["Environment"] = new Hashtable { ["KIROPOOL_SIMULATOR"] = JsonSerializer.Serialize(all), [Marker] = _id },
        };
    }

    /// <summary>Parameters for splatting to Start-KiroPool.</summary>
    public Hashtable Parameters { get; }

    public string LogFile { get; }

    /// <summary>The directory the agents work in; files a test makes here are removed with it.</summary>
    public string Folder => _folder;

    /// <summary>The log of all processes of this agent.</summary>
    public IReadOnlyList<AgentEvent> Events => AgentEvent.ReadAll(LogFile);

    /// <summary>The texts of the prompts the agents saw, in order.</summary>
    public IReadOnlyList<string> Prompts => [.. Events.Where(e => e.Event == "prompt").Select(e => e.Text!)];

    /// <summary>The living processes.</summary>
    public int LiveProcesses => Testing.LiveProcesses.Marked(Marker, _id).Count;

    public int Count(string eventName) => Events.Count(e => e.Event == eventName);

    /// <summary>The most turns that ran at the same time.</summary>
    public int MostTurnsAtOnce()
    {
        int running = 0, most = 0;
        foreach (AgentEvent e in Events)
        {
            running += e.Event switch { "prompt" => 1, "turn-end" => -1, _ => 0 };
            most = Math.Max(most, running);
        }

        return most;
    }

    /// <summary>Makes a file in the agent's folder.</summary>
    public FileInfo File(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return new FileInfo(path);
    }

    /// <summary>Counts the living processes repeatedly.</summary>
    public MostProcesses SampleProcesses() => new(() => Testing.LiveProcesses.Marked(Marker, _id));

    public void Dispose()
    {
        bool gone = Eventually.HoldsWithin(StopLimit, () => LiveProcesses == 0);
        foreach (int pid in Testing.LiveProcesses.Marked(Marker, _id))
            Testing.LiveProcesses.Kill(pid);
        Folders.Delete(_folder);
        Assert.True(gone, "The test left agent processes running.");
    }
}
