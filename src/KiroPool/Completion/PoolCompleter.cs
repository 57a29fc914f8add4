using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KiroPool.Completion;

/// <summary>Completes the variables that hold a pool.</summary>
internal sealed class PoolCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            string start = wordToComplete.TrimStart('$');
            return
            [
                .. shell.AddScript("$ExecutionContext.InvokeProvider.ChildItem.Get('Variable:*', $false)")
                    .Invoke<PSVariable>()
                    .Where(variable => (variable.Value is PSObject value ? value.BaseObject : variable.Value) is PoolInfo)
                    .Where(variable => variable.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                    .Select(variable => new CompletionResult($"${variable.Name}", variable.Name, CompletionResultType.Variable, $"${variable.Name}")),
            ];
        }
        catch (Exception)
        {
            // After Tab, a failure must only mean no completions.
            return [];
        }
    }
}
