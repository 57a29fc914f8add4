using System.Collections.ObjectModel;
using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Runs a script block that makes a prompt from an input, which is <c>$_</c> in it.</summary>
internal static class PromptBlock
{
    /// <summary>The output of the block for an input. Several lines are joined.</summary>
    /// <exception cref="KiroException">The block failed, or used break or continue.</exception>
    public static string Run(ScriptBlock block, object? input)
    {
        try
        {
            // The output of a block that failed in part is not the intended prompt.
            Collection<PSObject?> lines = block.InvokeWithContext(null, [new PSVariable("_", input), new PSVariable("ErrorActionPreference", ActionPreference.Stop)]);
            return string.Join('\n', lines.Select(line => LanguagePrimitives.ConvertTo<string>(line)));
        }
        catch (Exception e) when (ScriptFailure.Of(e) is { } reason)
        {
            throw KiroException.PromptScriptFailed(reason, e);
        }
    }
}
