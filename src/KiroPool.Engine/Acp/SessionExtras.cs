using System.Text.Json;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Kiro;

namespace KiroPool.Engine.Acp;

/// <summary>The members of session/new, session/load, session/resume and session/fork that come from <see cref="SessionSettings"/>.</summary>
internal sealed class SessionExtras(SessionSettings settings)
{
    public IReadOnlyList<JsonElement> McpServers { get; } = [.. settings.McpServers.Select(server => Parse(server.Json))];

    public IReadOnlyList<string>? AdditionalDirectories { get; } = settings.AdditionalDirectories.IsEmpty ? null : settings.AdditionalDirectories;

    public SystemPromptMessage? SystemPrompt { get; } = settings.SystemPrompt is { } text ? new("append", [new ContentBlock("text") { Text = text }]) : null;

    public JsonElement? Meta { get; } = settings.Meta is { } meta ? Parse(meta) : null;

    /// <summary>Refuses what the agent would ignore, or end at.</summary>
    /// <param name="asked">The requested values.</param>
    /// <param name="offered">The capabilities of the agent.</param>
    /// <param name="dialect">The behaviour of the agent.</param>
    /// <param name="agent">Its name, for the message.</param>
    /// <exception cref="AgentException"><see cref="FailureKind.NotSupported"/>.</exception>
    public static void ThrowIfNotSupported(SessionSettings asked, AgentCapabilities? offered, AgentDialect dialect, string agent)
    {
        foreach (McpServer server in asked.McpServers)
        {
            if (server.Transport == "stdio" && dialect.IgnoresStdioServers)
                throw NotSupported(agent, $"ignores the MCP server '{server.Name}', because it comes with a session and is a process. Configure it in .kiro/settings/mcp.json, or use a server with a url.", server.Name);
            if (server.Transport == "http" && offered?.McpCapabilities?.Http.ValueKind != JsonValueKind.True)
                throw NotSupported(agent, $"does not take MCP servers at an address (mcpCapabilities.http), so '{server.Name}' would be missing. Use a server with a command.", server.Name);
            if (server.Transport == "sse" && offered?.McpCapabilities?.Sse.ValueKind != JsonValueKind.True)
                throw NotSupported(agent, $"does not take MCP servers with the transport sse (mcpCapabilities.sse), so '{server.Name}' would be missing. Use its http transport.", server.Name);
        }

        SessionCapabilities? sessions = offered?.SessionCapabilities;
        if (!asked.AdditionalDirectories.IsEmpty && sessions?.AdditionalDirectories is not { ValueKind: JsonValueKind.Object })
            throw NotSupported(agent, "does not take additional directories (sessionCapabilities.additionalDirectories). Start the pool without -AdditionalDirectory.", asked.AdditionalDirectories[0]);
        if (asked.SystemPrompt is not null && sessions?.SystemPrompt is not { ValueKind: JsonValueKind.Object })
            throw NotSupported(agent, "does not take a system prompt (sessionCapabilities.systemPrompt). Write the instructions into the prompt, or into an agent file.", null);
    }

    public static AgentException NotSupported(string agent, string what, string? value) =>
        new(FailureKind.NotSupported, $"The agent '{agent}' {what}") { Value = value };

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
