using System.Management.Automation;
using KiroPool.Engine.Agents;
using KiroPool.Interactive;
using KiroPool.Pipeline;

namespace KiroPool.Binding;

/// <summary>Makes the permission policy from parameters. The trust of a prompt replaces that of the pool.</summary>
internal static class PermissionReader
{
    public static PermissionPolicy Read(PermissionPolicy pools, bool trustAllTools, string[]? trustTools, ScriptBlock? handler = null, PipelinePump? pump = null)
    {
        // kiro-cli also accepts a list with commas, and a quoted PowerShell argument contains them.
        string[]? patterns = trustTools?.SelectMany(one => one.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        PermissionPolicy policy = trustAllTools || patterns is not null
            ? new PermissionPolicy { TrustAllTools = trustAllTools, TrustTools = patterns ?? [] }
            : pools;
        return handler is null ? policy : policy with { Handler = (request, token) => Question.AskAsync(request, question => Ask(question, handler, pump!), token) };
    }

    public static bool AreEqual(PermissionPolicy one, PermissionPolicy other) =>
        one.TrustAllTools == other.TrustAllTools && one.TrustTools.SequenceEqual(other.TrustTools, StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs the handler on the pipeline thread.</summary>
    private static void Ask(Question question, ScriptBlock handler, PipelinePump pump) => pump.Post(RecordKind.Action, (Action)(() =>
    {
        if (question.IsOver)
            return;
        try
        {
            question.Answer(Run(handler, question.Request, pump));
        }
        finally
        {
            // Every question is answered, whatever happened. The first answer counts.
            question.Answer(PermissionDecision.Reject);
        }
    }));

    private static PermissionDecision Run(ScriptBlock handler, PermissionRequest request, PipelinePump pump)
    {
        try
        {
            object? answer = handler.Invoke(request).LastOrDefault()?.BaseObject;
            if (answer is PermissionDecision decision || (answer is string word && Enum.TryParse(word, ignoreCase: true, out decision) && Enum.IsDefined(decision)))
                return decision;
            pump.Post(RecordKind.Warning, $"The permission handler answered {(answer is null ? "nothing" : $"'{answer}'")} instead of Allow, AllowAlways or Reject, so {request} was rejected.");
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            pump.Post(RecordKind.Warning, $"The permission handler failed, so {request} was rejected: {e.Message}");
        }

        return PermissionDecision.Reject;
    }
}
