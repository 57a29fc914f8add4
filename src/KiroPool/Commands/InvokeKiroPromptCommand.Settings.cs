using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <content>The values of the conversations of the prompts besides agent, model and directory.</content>
public sealed partial class InvokeKiroPromptCommand
{
    /// <summary>MCP servers of the prompts: hashtables in the protocol's words, or paths of files .mcp.json. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? McpServer { get; set; }

    /// <summary>Options of the agent and their values, such as @{ effort = 'high'; autopilot = $true }. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ConfigOption { get; set; }

    /// <summary>A session has the values that it was made with.</summary>
    private void RefuseSettingsOfSession()
    {
        string? given = McpServer is not null ? nameof(McpServer) : ConfigOption is not null ? nameof(ConfigOption) : null;
        if (given is not null && Session is not null)
            throw Terminate(KiroErrors.Create(new AgentException(FailureKind.NotSupported, $"-{given} cannot change a session. Give it to New-KiroSession, or leave out -Session.")));
    }

    private AgentSpec WithSettings(AgentSpec spec)
    {
        if (McpServer is null && ConfigOption is null)
            return spec;
        try
        {
            AgentSpec own = spec.With(session: SessionSettingsReader.Read(SessionState, spec.Session, McpServer, ConfigOption));
            own.ThrowIfNotSupported();
            return own;
        }
        catch (AgentException e)
        {
            throw Terminate(KiroErrors.Create(e));
        }
    }

    /// <summary>The settings for a journal: the options, and the names of the servers, whose other values may be secret.</summary>
    private IEnumerable<KeyValuePair<string, string?>> SettingsOfAnswers()
    {
        if (McpServer is not null)
            yield return new(nameof(McpServer), string.Join(", ", _spec!.Session.McpServers.Select(server => server.Name)));
        if (ConfigOption is not null)
            yield return new(nameof(ConfigOption), string.Join(", ", _spec!.Session.ConfigOptions.Select(option => $"{option.Key} = {option.Value}")));
    }
}
