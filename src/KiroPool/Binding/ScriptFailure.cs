using System.Management.Automation;

namespace KiroPool.Binding;

/// <summary>Describes the failure of a user's script block.</summary>
internal static class ScriptFailure
{
    /// <summary>
    /// The end of a sentence about the block; null for exceptions that must continue: Ctrl+C, exit. Otherwise a break or
    /// continue outside of a loop would silently leave the pipeline and the statements after it.
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
