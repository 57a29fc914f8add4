using System.Management.Automation;
using KiroPool.Binding;
using KiroPool.Engine;
using KiroPool.Errors;
using ToolQuestion = KiroPool.Interactive.Question<KiroPool.PermissionRequest, KiroPool.PermissionDecision>;

namespace KiroPool.Pipeline;

/// <summary>Runs a script block that decides on permissions, on the pipeline thread. Every fault in it means Reject.</summary>
/// <param name="handler">Gets the request as its argument.</param>
/// <param name="pool">The pool whose agents ask.</param>
/// <param name="session">The named session of the question, if there is one.</param>
/// <param name="pump">Passes work to the pipeline thread.</param>
internal sealed class HandlerRunner(ScriptBlock handler, AgentPool pool, string? session, PipelinePump pump)
{
    /// <summary>The decision of the pipeline thread.</summary>
    public Task<PermissionDecision> AskAsync(PermissionRequest request, CancellationToken cancellationToken) =>
        ToolQuestion.AskAsync(request, question => pump.Post(RecordKind.Action, (Action)(() => Answer(question))), cancellationToken);

    private void Answer(ToolQuestion question)
    {
        if (question.IsOver)
            return;
        try
        {
            question.Answer(Run(question.Request));
        }
        finally
        {
            // Every question is answered, whatever happened. The first answer counts.
            question.Answer(PermissionDecision.Reject);
        }
    }

    private PermissionDecision Run(PermissionRequest request)
    {
        using var scope = new HandlerScope(pool, session);
        object? answer = null;
        string? failure = null;
        try
        {
            answer = handler.Invoke(request).LastOrDefault()?.BaseObject;
        }
        catch (Exception e) when (ScriptFailure.Of(e) is { } reason)
        {
            failure = reason;
            if (e is FlowControlException)
                return Reject(request, $"The permission handler {reason}");
        }

        if (scope.Fault is { } fault)
            return Reject(request, fault);
        if (failure is null && request.IsQuestion && Pick(request, answer) is { } picked)
            return picked;
        if (failure is null && (answer is PermissionDecision decision || (answer is string word && Enum.TryParse(word, ignoreCase: true, out decision) && Enum.IsDefined(decision))))
            return decision;
        pump.Post(RecordKind.Warning, failure is null
            ? $"The permission handler answered {(answer is null ? "nothing" : $"'{answer}'")} instead of {(request.IsQuestion ? "one of its options" : "Allow, AllowAlways or Reject")}, so {request} was rejected."
            : $"The permission handler {failure.TrimEnd('.')}, so {request} was rejected.");
        return PermissionDecision.Reject;
    }

    /// <summary>The answer of a handler to a question: the name of an option, or the <c>Answer</c> that it set on the request.</summary>
    private static PermissionDecision? Pick(PermissionRequest question, object? answer)
    {
        if (answer is string name && question.Options.FirstOrDefault(option => option.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } option)
            question.Answer = option;
        return question.Answer is null ? null : PermissionDecision.Allow;
    }

    private PermissionDecision Reject(PermissionRequest request, string fault)
    {
        pump.WriteAside(KiroErrors.Create(KiroException.PermissionHandlerFailed($"{fault} {request} was rejected.", request)));
        return PermissionDecision.Reject;
    }
}
