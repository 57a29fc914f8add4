using System.Collections;
using System.Management.Automation;
using KiroPool.Binding;

namespace KiroPool.Commands;

/// <content>Values for extensions of the agent.</content>
public sealed partial class InvokeKiroPromptCommand
{
    private string? _meta;

    /// <summary>Values for extensions of the agent, in _meta of each prompt.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? PromptMeta { get; set; }

    private void ReadMeta() => _meta = PromptMeta is null ? null : SessionSettingsReader.ReadMeta(PromptMeta);
}
