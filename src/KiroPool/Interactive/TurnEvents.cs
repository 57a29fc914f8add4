using System.Collections.Concurrent;

namespace KiroPool.Interactive;

/// <summary>What happens in a turn, handed from the agent's reader to the console's thread.</summary>
internal sealed class TurnEvents : IDisposable
{
    private readonly BlockingCollection<object> _events = [];

    /// <summary>Hands an update or a question on.</summary>
    public void Post(object what)
    {
        try
        {
            _events.Add(what);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            // The turn is over; a question without an answer is a no.
        }
    }

    /// <summary>The next event.</summary>
    /// <param name="turnIsOver">Whether the turn is over, so that none is posted any more.</param>
    /// <param name="milliseconds">How long to wait for one while it is not.</param>
    /// <param name="isOver">The turn is over and there is none.</param>
    /// <returns>Null if there is none.</returns>
    public object? Next(Func<bool> turnIsOver, int milliseconds, out bool isOver)
    {
        // Asked before the last look: the last piece of an answer is posted just before its turn is over.
        bool wasOver = turnIsOver();
        bool taken = _events.TryTake(out object? next, wasOver ? 0 : milliseconds);
        isOver = wasOver && !taken;
        return taken ? next : null;
    }

    public void Dispose() => _events.Dispose();
}
