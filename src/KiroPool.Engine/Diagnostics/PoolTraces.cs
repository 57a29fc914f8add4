using System.Diagnostics;

namespace KiroPool.Engine.Diagnostics;

/// <summary>
/// The spans of the activity source <c>KiroPool</c> (System.Diagnostics), named by OpenTelemetry's conventions for generative
/// AI. Without a listener there are none. They contain no prompt and no answer.
/// </summary>
internal static class PoolTraces
{
    public static ActivitySource Source { get; } = new("KiroPool", typeof(PoolTraces).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts a span; null if nothing listens, or if a listener throws.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Whether it is work of this process or a call of another one.</param>
    /// <param name="parent">Its parent; the span that is current here if it is empty.</param>
    public static Activity? Start(string name, ActivityKind kind, ActivityContext parent = default)
    {
        if (!Source.HasListeners())
            return null;
        try
        {
            return parent == default ? Source.StartActivity(name, kind) : Source.StartActivity(name, kind, parent);
        }
        catch (Exception)
        {
            // A listener is foreign code. Its fault must not end what the pool is doing.
            return null;
        }
    }

    /// <summary>Ends a span. A listener that throws is ignored.</summary>
    public static void End(this Activity span)
    {
        try
        {
            span.Dispose();
        }
        catch (Exception)
        {
            // As above.
        }
    }

    /// <summary>Marks a span as failed.</summary>
    public static void Failed(this Activity span, string kind, string message)
    {
        span.SetTag("error.type", kind);
        span.SetStatus(ActivityStatusCode.Error, message);
    }
}
