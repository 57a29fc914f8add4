namespace KiroPool.Engine.Agents;

/// <summary>
/// Starts work that outlives the call that caused it. Without this the first caller's AsyncLocal values and Activity
/// would be those of every later callback, and would live as long as the agent or the pool.
/// </summary>
internal static class OwnWork
{
    public static T Run<T>(Func<T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start();
        using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();
        return start();
    }
}
