using System.Collections.Concurrent;

namespace KiroPool.Interactive;

/// <summary>The events of a turn, from the agent's reader to the console's thread.</summary>
internal sealed class TurnEvents : IDisposable
{
    private readonly BlockingCollection<object> _events = [];

    /// <summary>Adds an update or a question.</summary>
    public void Post(object what)
    {
        try
        {
            _events.Add(what);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            // The turn is over. A question without an answer means no.
        }
    }

    /// <summary>The next event.</summary>
    /// <param name="turnIsOver">Whether the turn is over, so that no more events are posted.</param>
    /// <param name="milliseconds">The longest wait for an event while the turn runs.</param>
    /// <param name="isOver">Whether the turn is over and no event is left.</param>
    /// <returns>Null if there is none.</returns>
    public object? Next(Func<bool> turnIsOver, int milliseconds, out bool isOver)
    {
        // Read before the last check, because the last piece of an answer is posted just before its turn ends.
        bool wasOver = turnIsOver();
        bool taken = _events.TryTake(out object? next, wasOver ? 0 : milliseconds);
        isOver = wasOver && !taken;
        return taken ? next : null;
    }

    public void Dispose() => _events.Dispose();
}
