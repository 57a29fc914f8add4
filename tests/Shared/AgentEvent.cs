using System.Text.Json;

namespace KiroPool.Testing;

/// <summary>One line of the simulator's log: one event of an agent process, in the order over all processes.</summary>
internal sealed record AgentEvent(string Event, int Pid, DateTime Time, string? SessionId, string? Text, string? Answer, string? Agent, string? Model)
{
    /// <summary>Reads a log that may still be written.</summary>
    public static IReadOnlyList<AgentEvent> ReadAll(string path)
    {
        if (!File.Exists(path))
            return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd();

        // Each line is one write, but the last one may be seen in the middle of it.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    private static AgentEvent Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        JsonElement root = json.RootElement;
        return new AgentEvent(
            root.GetProperty("event").GetString()!, root.GetProperty("pid").GetInt32(), root.GetProperty("time").GetDateTime(), Read("sessionId"), Read("text"), Read("answer"), Read("agent"), Read("model"));

        string? Read(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
    }
}
