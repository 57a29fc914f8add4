using System.Text.Json;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Kiro;

/// <summary>The agents that kiro-cli finds in a directory. Workspace files hide user files, and user files hide built-in agents.</summary>
public static class KiroAgentList
{
    private static readonly string[] BuiltIn = ["kiro_default", "kiro_planner"];

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Lists the agents by name, without starting a process.</summary>
    /// <param name="spec">The agent; directory and environment count (<c>KIRO_HOME</c> moves <c>~/.kiro</c>).</param>
    public static IReadOnlyList<KiroAgent> Read(AgentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        string home = KiroEnvironment.Read(spec, KiroEnvironment.Home) is { Length: > 0 } moved
            ? moved
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kiro");
        IEnumerable<KiroAgent> all =
        [
            .. FilesOf(Path.Combine(spec.WorkingDirectory, ".kiro"), "Workspace"),
            .. FilesOf(home, "User"),
            .. BuiltIn.Select(name => new KiroAgent { Name = name, Source = "BuiltIn" }),
        ];
        return [.. all.DistinctBy(agent => agent.Name).OrderBy(agent => agent.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<KiroAgent> FilesOf(string kiroFolder, string source)
    {
        try
        {
            string folder = Path.Combine(kiroFolder, "agents");
            return Directory.Exists(folder)
                ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(path => ReadFile(path, source))]
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

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
