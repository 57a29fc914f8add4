using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>Tells what went wrong in a script block of the user's that a cmdlet runs.</summary>
internal static class ScriptFailure
{
    /// <summary>
    /// The end of a sentence that says what the block did; null for what must go on: Ctrl+C, exit. A break or continue
    /// outside of a loop would otherwise leave the pipeline and the statements behind it, without a word.
    /// </summary>
    public static string? Of(Exception e) => e switch
    {
        BreakException => "used break outside of a loop. Use return to leave the block.",
        ContinueException => "used continue outside of a loop. Use return to leave the block.",
        PipelineStoppedException or FlowControlException => null,
        RuntimeException { ErrorRecord: var error } => $"failed: {error?.ToString() ?? e.Message}",
        _ => null,
    };
}
