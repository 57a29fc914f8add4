using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;

namespace KiroPool.Commands;

/// <content>The values of the pool's sessions besides agent, model and directory.</content>
public sealed partial class StartKiroPoolCommand
{
    /// <summary>MCP servers of the sessions: hashtables in the protocol's words, or paths of files .mcp.json.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? McpServer { get; set; }

    /// <summary>Options of the agent and their values, such as @{ effort = 'high'; autopilot = $true }.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ConfigOption { get; set; }

    /// <summary>Further directories that the agent may work in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DirectoryCompleter))]
    public string[]? AdditionalDirectory { get; set; }

    /// <summary>Instructions that the agent appends to its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SystemPrompt { get; set; }

    /// <summary>Values for extensions of the agent, in _meta of each session.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? SessionMeta { get; set; }

    private AgentSpec WithSession(AgentSpec spec) =>
        spec.With(session: SessionSettingsReader.Read(SessionState, spec.Session, McpServer, ConfigOption, AdditionalDirectory, SystemPrompt, SessionMeta));
}
