using KiroPool.Engine.Prompting;
using KiroPool.Formatting;

namespace KiroPool.Pipeline;

/// <summary>What a result should make its reader doubt. What applies to most prompts of a batch is said once.</summary>
/// <param name="batch">The limit of the batch.</param>
/// <param name="pool">The limit of the pool.</param>
internal sealed class ResultWarnings(SpendingLimit batch, SpendingLimit pool)
{
    private int _limitsSaid;
    private int _rejectionsSaid;
    private int _questionsSaid;
    private int _unaskedSaid;

    /// <summary>The warnings about a result, in the order in which they are written.</summary>
    public IEnumerable<string> For(PromptResult result, PromptRequest request)
    {
        if (FindUnreported(result) is { Length: > 0 } limits && IsFirst(ref _limitsSaid))
            yield return $"Prompt {result.Index}: {limits} cannot hold, because the agent did not report what the prompt cost. Later prompts are not mentioned.";
        if (result is { Outcome: nameof(PromptOutcome.Completed), StopReason: not "end_turn" })
            yield return $"Prompt {result.Index}: the agent stopped early ({result.StopReason}); its answer may be incomplete.";
        if (result is { Outcome: nameof(PromptOutcome.Completed), HasAnswer: false } && !request.IsSlashCommand)
            yield return $"Prompt {result.Index}: the agent ended its turn without an answer (no text, no content, no tool).";
        if (result.ToolCalls.Any(call => call is { Permission: "Rejected", DecidedBy: "Nobody" }) && IsFirst(ref _rejectionsSaid))
            yield return $"{PromptName.Of(result.Index, request.Name)}: {RejectedTools.Describe(result.ToolCalls)} Later rejections are only in ToolCalls of the results.";
        if (result.ToolCalls.Any(call => call is { Permission: "Cancelled", DecidedBy: "Nobody" }) && IsFirst(ref _questionsSaid))
            yield return $"Prompt {result.Index}: the agent asked the user a question, and there was no -PermissionHandler to answer it. Add one, or give the answer in the prompt. ToolCalls of the results lists the questions. Later ones are not reported.";
        if (result.ToolCalls.FirstOrDefault(call => call.RanUntrusted) is { } unasked && IsFirst(ref _unaskedSaid))
            yield return $"Prompt {result.Index}: the agent ran a tool without a permission request ({unasked.Name ?? unasked.Kind}), because its own permissions allow it. They come before -TrustTools; kiro-cli reads them from permissions.yaml and from the agent's file. ToolCalls of the results lists such tools (DecidedBy is Agent). Later ones are not reported.";
    }

    private static bool IsFirst(ref int said) => Interlocked.Exchange(ref said, 1) == 0;

    private string FindUnreported(PromptResult result) =>
        result is { FromJournal: false, Outcome: nameof(PromptOutcome.Completed) }
            ? string.Join(" and ", batch.FindUnreported(result).Union(pool.FindUnreported(result)).Select(name => $"-{name}"))
            : "";
}
