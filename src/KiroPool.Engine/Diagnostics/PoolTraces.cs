using System.Diagnostics;

namespace KiroPool.Engine.Diagnostics;

/// <summary>
/// The spans of the activity source <c>KiroPool</c> (System.Diagnostics), named by OpenTelemetry's conventions for generative
/// AI. Without a listener there are none. They contain no prompt and no answer.
/// </summary>
internal static class PoolTraces
{
    public static ActivitySource Source { get; } = new("KiroPool", typeof(PoolTraces).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts a span; null if nothing listens.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Whether it is work of this process or a call of another one.</param>
    /// <param name="parent">Its parent; the span that is current here if it is empty.</param>
    public static Activity? Start(string name, ActivityKind kind, ActivityContext parent = default) =>
        !Source.HasListeners() ? null : parent == default ? Source.StartActivity(name, kind) : Source.StartActivity(name, kind, parent);

    /// <summary>Marks a span as failed.</summary>
    public static void Failed(this Activity span, string kind, string message)
    {
        span.SetTag("error.type", kind);
        span.SetStatus(ActivityStatusCode.Error, message);
    }
}
