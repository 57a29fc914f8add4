using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KiroPool.Completion;

/// <summary>Completes directories, and no files.</summary>
internal sealed class DirectoryCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return [.. CompletionCompleters.CompleteFilename(wordToComplete).Where(one => one.ResultType == CompletionResultType.ProviderContainer)];
        }
        catch (Exception)
        {
            // After Tab, a failure must only mean no completions.
            return [];
        }
    }
}
