using System.Collections.ObjectModel;
using System.Management.Automation;
using KiroPool.Errors;

namespace KiroPool.Binding;

/// <summary>Runs a script block that makes a prompt of an input, which is <c>$_</c> in it.</summary>
internal static class PromptBlock
{
    /// <summary>What the block says of an input; several lines are joined.</summary>
    /// <exception cref="PromptInputException">The block failed, or left by break or continue.</exception>
    public static string Run(ScriptBlock block, object? input)
    {
        try
        {
            // Of what has failed in part the rest is no prompt: it would be about something else.
            Collection<PSObject?> lines = block.InvokeWithContext(null, [new PSVariable("_", input), new PSVariable("ErrorActionPreference", ActionPreference.Stop)]);
            return string.Join('\n', lines.Select(line => LanguagePrimitives.ConvertTo<string>(line)));
        }
        catch (Exception e) when (ScriptFailure.Of(e) is { } reason)
        {
            throw new PromptInputException(KiroErrors.PromptScriptFailed, $"The script block of -Prompt {reason}", e);
        }
    }
}
