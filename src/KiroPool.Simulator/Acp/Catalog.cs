using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The agents and models on offer, and how a session's choice among them is shown.</summary>
internal sealed class Catalog(SimulatorSettings settings, bool isV3)
{
    private static readonly string[] V2Agents = ["kiro_default", "kiro_planner"];
    private static readonly string[] V3Agents = ["vibe", "spec", "quick-spec", "bug-fix", "plan", "autonomous", "semantic_reviewer"];

    // Read once, and from the directory of the process, whatever directory a session names.
    private readonly List<string> _agents = [.. (settings.Agents ?? (isV3 ? V3Agents : V2Agents)).Union(AgentFiles(isV3))];

    public IReadOnlyList<string> Agents => _agents;

    public string DefaultAgent => settings.CurrentAgent ?? (_agents.Count > 0 ? _agents[0] : "kiro_default");

    public string DefaultModel => settings.DefaultModel;

    public bool HasAgent(string name) => _agents.Contains(name);

    public bool HasModel(string id) => settings.Models.Any(model => model.Id == id);

    /// <summary>What a silent fall-back takes: the default, or something else still if the default was wanted.</summary>
    public string AgentInsteadOf(string wanted) => wanted != DefaultAgent
        ? DefaultAgent
        : _agents.Find(agent => agent != wanted) ?? wanted;

    /// <inheritdoc cref="AgentInsteadOf"/>
    public string ModelInsteadOf(string wanted) => wanted != DefaultModel
        ? DefaultModel
        : Array.Find(settings.Models, model => model.Id != wanted)?.Id ?? wanted;

    /// <summary>Writes <c>modes</c> as a property of a result.</summary>
    public void WriteModes(Utf8JsonWriter json, AcpSession session)
    {
        json.WriteStartObject("modes"u8);
        json.WriteString("currentModeId"u8, session.Mode);
        json.WriteStartArray("availableModes"u8);
        foreach (string agent in _agents)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, agent);
            json.WriteString("name"u8, agent);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<string> AgentFiles(bool isV3)
    {
        string[] kinds = isV3 ? ["*.json", "*.md", "*.yml"] : ["*.json"];
        string?[] folders = [Path.Combine(Environment.CurrentDirectory, ".kiro"), Environment.GetEnvironmentVariable("KIRO_HOME")];
        return folders
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.Combine(folder!, "agents"))
            .Where(Directory.Exists)
            .SelectMany(folder => kinds.SelectMany(kind => Directory.EnumerateFiles(folder, kind).Order()))
            .Select(file => Path.GetFileNameWithoutExtension(file));
    }
}
