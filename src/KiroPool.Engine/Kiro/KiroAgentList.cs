using System.Text.Json;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The agents that kiro-cli finds in a directory. Workspace files hide user files, and user files hide built-in agents.</summary>
public static class KiroAgentList
{
    private static readonly string[] V2Agents = ["kiro_default", "kiro_planner"];
    private static readonly string[] V3Agents = ["vibe", "spec", "quick-spec", "bug-fix", "plan", "autonomous", "semantic_reviewer"];

    // V2 reads only the first kind.
    private static readonly string[] Kinds = [".json", ".md", ".yml"];

    private const int MostHeadLines = 20;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Lists the agents by name, without starting a process.</summary>
    /// <param name="spec">The agent; directory and environment count (<c>KIRO_HOME</c> moves <c>~/.kiro</c>).</param>
    /// <param name="engine">The engine whose agents are listed. Null: the engine of the spec, or V2.</param>
    public static IReadOnlyList<KiroAgent> Read(AgentSpec spec, KiroEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        bool isV3 = (engine ?? spec.Engine) == KiroEngine.V3;
        string home = KiroEnvironment.Read(spec, KiroEnvironment.Home) is { Length: > 0 } moved
            ? moved
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kiro");
        IEnumerable<KiroAgent> all =
        [
            .. FilesOf(Path.Combine(spec.WorkingDirectory, ".kiro"), "Workspace", isV3),
            .. FilesOf(home, "User", isV3),
            .. BuiltIn(isV3 ? KiroEngine.V3 : null),
        ];
        return [.. all.DistinctBy(agent => agent.Name).OrderBy(agent => agent.Name, StringComparer.Ordinal)];
    }

    /// <summary>The agents that kiro-cli has without any file.</summary>
    /// <param name="engine">The engine whose agents are listed; V2 if null.</param>
    public static IReadOnlyList<KiroAgent> BuiltIn(KiroEngine? engine) =>
        [.. (engine == KiroEngine.V3 ? V3Agents : V2Agents).Select(name => new KiroAgent { Name = name, Source = "BuiltIn" })];

    /// <summary>Joins the agents that a program has reported with the known files, which may be newer than the report.</summary>
    /// <param name="offered">The names that the program reported. If there are none, all known agents are listed.</param>
    /// <param name="known">The result of <see cref="Read"/>.</param>
    public static IReadOnlyList<KiroAgent> Join(IReadOnlyList<string> offered, IReadOnlyList<KiroAgent> known)
    {
        ArgumentNullException.ThrowIfNull(offered);
        ArgumentNullException.ThrowIfNull(known);
        if (offered.Count == 0)
            return known;
        IEnumerable<KiroAgent> named = offered.Select(name => known.FirstOrDefault(agent => agent.Name == name) ?? new KiroAgent { Name = name, Source = "Program" });
        return [.. named.Concat(known.Where(agent => agent.Path is not null && !offered.Contains(agent.Name))).OrderBy(agent => agent.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<KiroAgent> FilesOf(string kiroFolder, string source, bool isV3)
    {
        try
        {
            string folder = Path.Combine(kiroFolder, "agents");
            return Directory.Exists(folder)
                ? [.. Kinds[..(isV3 ? Kinds.Length : 1)].SelectMany(kind => Directory.GetFiles(folder, "*" + kind).Order(StringComparer.Ordinal)).Select(path => ReadFile(path, source))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>An unreadable file is still listed by name. kiro-cli reports its fault when the agent is used.</summary>
    private static KiroAgent ReadFile(string path, string source)
    {
        var agent = new KiroAgent { Name = Path.GetFileNameWithoutExtension(path), Source = source, Path = path };
        if (Path.GetExtension(path) != ".json")
            return Described(agent, path);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            return agent with
            {
                Name = Text(json.RootElement, "name") ?? agent.Name,
                Description = Text(json.RootElement, "description"),
                Model = Text(json.RootElement, "model"),
            };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return agent;
        }
    }

    /// <summary>Reads lines such as <c>name: value</c> at the head of a markdown or YAML file.</summary>
    private static KiroAgent Described(KiroAgent agent, string path)
    {
        try
        {
            foreach (string line in File.ReadLines(path).Take(MostHeadLines))
            {
                if (Property(line, "name") is { } name)
                    agent = agent with { Name = name };
                else if (Property(line, "description") is { } description)
                    agent = agent with { Description = description };
                else if (Property(line, "model") is { } model)
                    agent = agent with { Model = model };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The name of the file remains.
        }

        return agent;
    }

    private static string? Property(string line, string name) =>
        line.StartsWith(name + ":", StringComparison.Ordinal) && line[(name.Length + 1)..].Trim().Trim('"', '\'') is { Length: > 0 } value and not ("|" or ">") ? value : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
