using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <content>The session of the prompts, and the permissions of the agent.</content>
public sealed partial class InvokeKiroPromptCommand
{
    private Session? _session;
    private PermissionPolicy? _permissions;

    /// <summary>A named session, by name or as an object. Its prompts run one after the other. A new name creates one. Without it each prompt has its own conversation.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>Runs each prompt in a copy (a fork) of the session's conversation, several at a time. The conversation does not change.</summary>
    [Parameter]
    public SwitchParameter Fork { get; set; }

    /// <summary>If the session's conversation cannot be resumed, starts a new one instead of failing. StartedAfresh of the result is then true.</summary>
    [Parameter]
    public SwitchParameter AllowNewConversation { get; set; }

    /// <summary>Lets the agent use every tool it asks for. Without it, untrusted tools are rejected.</summary>
    [Parameter]
    public SwitchParameter TrustAllTools { get; set; }

    /// <summary>The tools the agent may use: read, write, shell, @server/tool; wildcards are allowed. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? TrustTools { get; set; }

    /// <summary>
    /// Decides on untrusted tools: gets the request and answers Allow, AllowAlways (in this session) or Reject. An error,
    /// any other answer, or no answer within five minutes means Reject.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? PermissionHandler { get; set; }

    private void RequireSessionToFork()
    {
        if (Fork && Session is null)
            throw Terminate(KiroErrors.Create(new AgentException(FailureKind.NotSupported, "-Fork copies the conversation of a session. Name the session with -Session.")));
    }

    /// <summary>Plain text has no questions during a turn, so a process gets the trusted tools when it starts.</summary>
    private AgentSpec WithTrust(AgentSpec spec)
    {
        if (spec.Protocol == AgentProtocol.Acp)
            return spec;
        if (PermissionHandler is not null)
            throw Terminate(KiroErrors.Create(new AgentException(FailureKind.NotSupported, $"The protocol {spec.Protocol} has no permission questions, so -PermissionHandler has no effect. Use the protocol Acp, or -TrustTools.")));
        if (!TrustAllTools && TrustTools is null)
            return spec;
        PermissionPolicy trust = PermissionReader.Read(PermissionPolicy.None, TrustAllTools, TrustTools);
        return spec.With(text: spec.Text with { TrustAllTools = trust.TrustAllTools, TrustTools = [.. trust.TrustTools] });
    }
}
