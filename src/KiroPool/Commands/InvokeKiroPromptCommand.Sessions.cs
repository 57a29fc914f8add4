using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Completion;
using KiroPool.Engine.Agents;
using KiroPool.Errors;

namespace KiroPool.Commands;

/// <content>In which conversation the prompts run, and what the agent may do meanwhile.</content>
public sealed partial class InvokeKiroPromptCommand
{
    private Session? _session;
    private PermissionPolicy? _permissions;

    /// <summary>A named session to run in, one prompt after the other, by its name or as an object; a name that is new is made. Without it each prompt is a conversation of its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>Where the session's conversation cannot be resumed: begins a new one instead of failing. StartedAfresh of the result says so.</summary>
    [Parameter]
    public SwitchParameter AllowNewConversation { get; set; }

    /// <summary>Lets the agent use every tool it asks for. Without it, what nobody allows is rejected.</summary>
    [Parameter]
    public SwitchParameter TrustAllTools { get; set; }

    /// <summary>The tools the agent may use: read, write, shell, @server/tool; wildcards are allowed. Default: the pool's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? TrustTools { get; set; }

    /// <summary>
    /// Decides on tools that nothing else allows: gets the request, and answers Allow, AllowAlways (in this session) or
    /// Reject. An error, another answer, and none within five minutes mean Reject.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? PermissionHandler { get; set; }

    /// <summary>In plain text nobody can be asked during a turn: trust is given when a process starts.</summary>
    private AgentSpec WithTrust(AgentSpec spec)
    {
        if (spec.Protocol == AgentProtocol.Acp)
            return spec;
        if (PermissionHandler is not null)
            throw Terminate(KiroErrors.Create(new AgentException(FailureKind.NotSupported, $"The protocol {spec.Protocol} has no way to ask for a permission, so -PermissionHandler cannot be used. Use the protocol Acp, or -TrustTools.")));
        if (!TrustAllTools && TrustTools is null)
            return spec;
        PermissionPolicy trust = PermissionReader.Read(PermissionPolicy.None, TrustAllTools, TrustTools);
        return spec.With(text: spec.Text with { TrustAllTools = trust.TrustAllTools, TrustTools = [.. trust.TrustTools] });
    }
}
