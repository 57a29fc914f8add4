using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KiroPool.Completion;

/// <summary>Completes the tools that can be trusted: kiro-cli's words for the kinds, the other kinds, and the tools that agents of the pool have used.</summary>
internal sealed class ToolCompleter : IArgumentCompleter
{
    private static readonly string[] Kinds = ["read", "write", "shell", "grep", "glob", "web_fetch", "thinking", "edit", "delete", "move", "search", "execute", "fetch", "*"];

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            IEnumerable<string> used = Completions.PoolOf(fakeBoundParameters) is { } pool ? [.. pool.TrustTools, .. pool.Pool.ReadTools()] : [];
            return Completions.Matching(Kinds.Concat(used), wordToComplete);
        }
        catch (Exception)
        {
            // After Tab, a failure must only mean no completions.
            return [];
        }
    }
}
