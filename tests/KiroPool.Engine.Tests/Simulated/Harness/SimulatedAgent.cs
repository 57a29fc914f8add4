using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>
/// A simulated kiro-cli with its own settings, for the pool of a test. The test counts by its log and its living
/// processes, both of which are separate from those of other tests.
/// </summary>
internal sealed class SimulatedAgent : IDisposable
{
    /// <summary>An environment variable that all processes of a test's agents inherit.</summary>
    public const string Marker = "KIROPOOL_TEST";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly string _logFile;

    /// <param name="settings">Properties of SimulatorSettings, in camelCase.</param>
    /// <param name="protocol">How it is talked to. In plain text its command line is the one KiroPool makes for kiro-cli.</param>
    /// <param name="text">What only plain text fixes at the start.</param>
    /// <param name="engine">The engine of kiro-cli it has, where the settings do not say.</param>
    public SimulatedAgent(object? settings = null, AgentProtocol protocol = AgentProtocol.Acp, TextSettings? text = null, string? engine = null)
    {
        Folder = Directory.CreateTempSubdirectory("kiropool-test-").FullName;
        _logFile = Path.Combine(Folder, "log.jsonl");
        Dictionary<string, JsonElement> all = JsonSerializer.SerializeToElement(settings ?? new { }, Json).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        if (engine is not null)
            all["engine"] = JsonSerializer.SerializeToElement(engine);
        bool isV3 = all.TryGetValue("engine", out JsonElement has) && has.ValueEquals("v3");
        all["log"] = JsonSerializer.SerializeToElement(_logFile);
        Settings = JsonSerializer.Serialize(all);
        Spec = new AgentSpec
        {
            Executable = Repository.Simulator,
            // v3 has no account unless it was told how to sign in.
            Arguments = isV3 ? ["acp", "--auth-method", "cli"] : ["acp"],
            Engine = isV3 && protocol == AgentProtocol.Chat ? KiroEngine.V3 : null,
            Protocol = protocol,
            UsesKiroCommandLine = protocol != AgentProtocol.Acp,
            Text = text ?? TextSettings.Default,
            WorkingDirectory = Folder,
            Environment = AgentSpec.NoEnvironment.Add("KIROPOOL_SIMULATOR", Settings).Add(Marker, Id),
        };
    }

    /// <summary>The value of <see cref="Marker"/>.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The working directory of the agents; it is deleted with this object.</summary>
    public string Folder { get; }

    /// <summary>The settings as the simulator reads them.</summary>
    public string Settings { get; }

    public AgentSpec Spec { get; }

    /// <summary>The log of all processes.</summary>
    public IReadOnlyList<AgentEvent> Events => AgentEvent.ReadAll(_logFile);

    /// <summary>The prompts the agents saw, in order.</summary>
    public IReadOnlyList<string> Prompts => [.. Of("prompt").Select(e => e.Text!)];

    /// <summary>The living processes, including descendants.</summary>
    public IReadOnlyList<int> Processes => LiveProcesses.Marked(Marker, Id);

    public IReadOnlyList<AgentEvent> Of(string name) => [.. Events.Where(e => e.Event == name)];

    public int Count(string name) => Of(name).Count;

    /// <summary>Makes a file in the agents' directory and gives its path.</summary>
    public string AddFile(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Ends every living process and fails if there was one.</summary>
    public void AssertNothingLives()
    {
        IReadOnlyList<int> left = Processes;
        foreach (int id in left)
            LiveProcesses.Kill(id);
        Assert.True(left.Count == 0, $"{left.Count} agent processes outlived the pool. The log: {string.Join(", ", Events.Where(e => left.Contains(e.Pid)).Select(e => $"{e.Pid} {e.Event}"))}");
    }

    public void Dispose() => Folders.Delete(Folder);
}
