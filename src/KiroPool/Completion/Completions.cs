using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KiroPool.State;

namespace KiroPool.Completion;

/// <summary>Makes completions of names.</summary>
internal static class Completions
{
    /// <summary>The pool of the typed command; null if there is none.</summary>
    public static PoolInfo? PoolOf(IDictionary boundParameters) =>
        (boundParameters["Pool"] is PSObject given ? given.BaseObject : boundParameters["Pool"]) as PoolInfo ?? RunspacePool.Current;

    /// <summary>The names that contain the typed text, quoted where PowerShell needs it. Those that begin with it come first.</summary>
    public static IEnumerable<CompletionResult> Matching(IEnumerable<string> names, string typed)
    {
        string part = typed.Trim('\'', '"');
        return
        [
            .. names.Where(name => name.Contains(part, StringComparison.OrdinalIgnoreCase) && !name.Any(char.IsControl))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .OrderBy(name => !name.StartsWith(part, StringComparison.OrdinalIgnoreCase))
                .ThenBy(name => name, StringComparer.OrdinalIgnoreCase)
                .Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name)),
        ];
    }

    private static string Quoted(string name) => name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        ? name
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
