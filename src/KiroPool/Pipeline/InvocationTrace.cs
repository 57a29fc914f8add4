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

    /// <summary>Starts the span; null if nothing listens, or if a listener throws.</summary>
    public static InvocationTrace? Begin(string command)
    {
        if (!Source.HasListeners())
            return null;

        // Other commands of the pipeline run on the same thread, and are no part of this one.
        Activity? current = Activity.Current;
        try
        {
            return Source.StartActivity(command) is { } span ? new InvocationTrace(span) : null;
        }
        catch (Exception)
        {
            // A listener is foreign code. Its fault must not end the command.
            return null;
        }
        finally
        {
            Activity.Current = current;
        }
    }

    public void Dispose()
    {
        Activity? current = Activity.Current;
        try
        {
            _span.Dispose();
        }
        catch (Exception)
        {
            // As above.
        }

        Activity.Current = current;
    }
}
