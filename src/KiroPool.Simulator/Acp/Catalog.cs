using System.Text.Json;

namespace KiroPool.Simulator;

/// <summary>The agents and models on offer, and how a session's choice among them is shown.</summary>
internal sealed class Catalog
{
    private readonly AgentContext _context;
    private readonly List<string> _agents;

    public Catalog(AgentContext context)
    {
        _context = context;
        _agents = AgentsOf(context.Settings);
    }

    /// <summary>The names of all agents on offer.</summary>
    public static List<string> AgentsOf(SimulatorSettings settings) => [.. settings.Agents.Union(AgentFiles())];

    public string DefaultAgent => _context.Settings.DefaultAgent;

    public string DefaultModel => _context.Settings.DefaultModel;

    public bool HasAgent(string name) => _agents.Contains(name);

    public bool HasModel(string id) => _context.Settings.Models.Any(model => model.Id == id);

    /// <summary>What a silent fall-back takes: the default, or something else still if the default was wanted.</summary>
    public string AgentInsteadOf(string wanted) => wanted != DefaultAgent
        ? DefaultAgent
        : _agents.Find(agent => agent != wanted) ?? wanted;

    /// <inheritdoc cref="AgentInsteadOf"/>
    public string ModelInsteadOf(string wanted) => wanted != DefaultModel
        ? DefaultModel
        : Array.Find(_context.Settings.Models, model => model.Id != wanted)?.Id ?? wanted;

    /// <summary>Writes <c>modes</c> and <c>models</c>, or for v3 <c>configOptions</c>, as properties of a result.</summary>
    public void Write(Utf8JsonWriter json, AcpSession session)
    {
        if (_context.IsV3 && _context.Settings.ListsConfigOptions)
            WriteConfigOptions(json, session);
        else
            WriteModesAndModels(json, session);
    }

    public void WriteConfigOptions(Utf8JsonWriter json, AcpSession session)
    {
        json.WriteStartArray("configOptions"u8);
        WriteSelect(json, "mode", "Agent", session.Mode, _agents.Select(agent => (agent, agent)));
        WriteSelect(json, "model", "Model", session.Model, _context.Settings.Models.Select(model => (model.Id, model.Name)));
        json.WriteEndArray();
    }

    private void WriteModesAndModels(Utf8JsonWriter json, AcpSession session)
    {
        json.WriteStartObject("modes"u8);
        json.WriteString("currentModeId"u8, session.Mode);
        WriteOffers(json, "availableModes", "id", _agents.Select(agent => (agent, agent)));
        json.WriteEndObject();
        json.WriteStartObject("models"u8);
        json.WriteString("currentModelId"u8, session.Model);
        WriteOffers(json, "availableModels", "modelId", _context.Settings.Models.Select(model => (model.Id, model.Name)));
        json.WriteEndObject();
    }

    private static void WriteSelect(Utf8JsonWriter json, string id, string name, string current, IEnumerable<(string, string)> offers)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, name);
        json.WriteString("category"u8, id);
        json.WriteString("type"u8, "select"u8);
        json.WriteString("currentValue"u8, current);
        WriteOffers(json, "options", "value", offers);
        json.WriteEndObject();
    }

    private static void WriteOffers(Utf8JsonWriter json, string array, string key, IEnumerable<(string Id, string Name)> offers)
    {
        json.WriteStartArray(array);
        foreach ((string id, string name) in offers)
        {
            json.WriteStartObject();
            json.WriteString(key, id);
            json.WriteString("name"u8, name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // Read once, and from the directory of the process, whatever directory a session names.
    private static IEnumerable<string> AgentFiles()
    {
        string?[] folders = [Path.Combine(Environment.CurrentDirectory, ".kiro"), Environment.GetEnvironmentVariable("KIRO_HOME")];
        return folders
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.Combine(folder!, "agents"))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json").Order())
            .Select(file => Path.GetFileNameWithoutExtension(file));
    }
}
