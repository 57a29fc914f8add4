using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <content>The values of the session besides agent, model and directory.</content>
public sealed partial class NewKiroSessionCommand
{
    /// <summary>MCP servers of the sessions: hashtables in the protocol's words, or paths of files .mcp.json. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? McpServer { get; set; }

    /// <summary>Options of the agent and their values, such as @{ effort = 'high'; autopilot = $true }. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ConfigOption { get; set; }

    /// <summary>Further directories that the agent may work in. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DirectoryCompleter))]
    public string[]? AdditionalDirectory { get; set; }

    /// <summary>Instructions that the agent appends to its own. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SystemPrompt { get; set; }

    /// <summary>Values for extensions of the agent, in _meta of each session. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? SessionMeta { get; set; }

    private AgentSpec WithSession(AgentSpec spec)
    {
        try
        {
            AgentSpec own = spec.With(session: SessionSettingsReader.Read(SessionState, spec.Session, McpServer, ConfigOption, AdditionalDirectory, SystemPrompt, SessionMeta));
            own.ThrowIfNotSupported();
            return own;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }
}
