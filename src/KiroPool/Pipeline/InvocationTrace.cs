using System.Diagnostics;

namespace KiroPool.Pipeline;

/// <summary>The span of one invocation of a cmdlet, which the spans of its prompts belong to.</summary>
internal sealed class InvocationTrace : IDisposable
{
    // Listeners subscribe by name, so that this source and the engine's are one to them.
    private static readonly ActivitySource Source = new("KiroPool", typeof(InvocationTrace).Assembly.GetName().Version?.ToString(3));

    private readonly Activity _span;

    private InvocationTrace(Activity span) => _span = span;

    public ActivityContext Context => _span.Context;

    /// <summary>Starts the span; null if nothing listens.</summary>
    public static InvocationTrace? Begin(string command)
    {
        if (!Source.HasListeners())
            return null;

        // Other commands of the pipeline run on the same thread, and are no part of this one.
        Activity? current = Activity.Current;
        Activity? span = Source.StartActivity(command);
        Activity.Current = current;
        return span is null ? null : new InvocationTrace(span);
    }

    public void Dispose()
    {
        Activity? current = Activity.Current;
        _span.Dispose();
        Activity.Current = current;
    }
}
