using System.Text.Json;

namespace KiroPool.Tests.Harness;

/// <summary>One line of the simulator's log: one event of an agent process, in the order over all processes.</summary>
internal sealed record AgentEvent(string Event, int Pid, string? SessionId, string? Text, string? Answer)
{
    public static AgentEvent Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        JsonElement root = json.RootElement;
        return new AgentEvent(root.GetProperty("event").GetString()!, root.GetProperty("pid").GetInt32(), Read("sessionId"), Read("text"), Read("answer"));

        string? Read(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
    }
}
