using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KiroPool.Completion;

/// <summary>Completes the names of sessions.</summary>
internal sealed class SessionCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Completions.PoolOf(fakeBoundParameters) is { } pool
                ? Completions.Matching(pool.Pool.Sessions.All.Select(session => session.Name), wordToComplete)
                : [];
        }
        catch (Exception)
        {
            // After Tab, a failure must only mean no completions.
            return [];
        }
    }
}
