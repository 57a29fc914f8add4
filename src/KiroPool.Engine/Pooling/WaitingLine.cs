using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Sessions;

namespace KiroPool.Engine.Pooling;

/// <summary>Somebody who waits for an agent.</summary>
internal sealed class Waiter(AgentSpec spec, SessionSeat? seat, long number, long queuedAt) : TaskCompletionSource<AgentLease>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public AgentSpec Spec { get; } = spec;

    /// <summary>The conversation that waits for a place; null for a prompt that stands alone.</summary>
    public SessionSeat? Seat { get; } = seat;

    /// <summary>The order of arrival.</summary>
    public long Number { get; } = number;

    public long QueuedAt { get; } = queuedAt;

    /// <summary>How often somebody who came later, for an agent of another key, was served first.</summary>
    public int PassedOver { get; set; }

    public LinkedListNode<Waiter>? Place { get; set; }

    public CancellationTokenRegistration Cancellation { get; set; }
}

/// <summary>
/// Who waits, first come first served within a key. Keys are few and waiters may be many, so every question is answered
/// from the heads of the keys. Guarded by the pool's lock.
/// </summary>
internal sealed class WaitingLine
{
    private readonly Dictionary<AgentSpec, LinkedList<Waiter>> _byKey = [];
    private long _lastNumber;

    public int Count { get; private set; }

    public Waiter Add(AgentSpec spec, SessionSeat? seat, long queuedAt)
    {
        var waiter = new Waiter(spec, seat, ++_lastNumber, queuedAt);
        if (!_byKey.TryGetValue(spec, out LinkedList<Waiter>? line))
            _byKey.Add(spec, line = []);
        waiter.Place = line.AddLast(waiter);
        Count++;
        return waiter;
    }

    /// <summary>Takes a waiter out; false when somebody else has already.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Place is not { List: { } line } place)
            return false;
        line.Remove(place);
        waiter.Place = null;
        Count--;
        if (line.Count == 0)
            _byKey.Remove(waiter.Spec);
        else if (line.First!.Value.PassedOver < waiter.PassedOver)
            line.First.Value.PassedOver = waiter.PassedOver;
        return true;
    }

    /// <summary>The first waiter of each key, earliest first.</summary>
    public IEnumerable<Waiter> Heads() => _byKey.Values.Select(line => line.First!.Value).OrderBy(waiter => waiter.Number);

    /// <summary>All who wait for a key, first come first.</summary>
    public IReadOnlyList<Waiter> Of(AgentSpec spec) => _byKey.TryGetValue(spec, out LinkedList<Waiter>? line) ? [.. line] : [];

    /// <summary>Everybody, first come first.</summary>
    public IEnumerable<Waiter> All() => _byKey.Values.SelectMany(line => line).OrderBy(waiter => waiter.Number);

    /// <summary>Finds the earliest waiter that nothing is under way for.</summary>
    /// <param name="coming">How many agents of a key are on their way; they serve the first of its waiters.</param>
    /// <param name="uncovered">That waiter.</param>
    public bool TryFindUncovered(Func<AgentSpec, int> coming, [NotNullWhen(true)] out Waiter? uncovered)
    {
        uncovered = null;
        foreach ((AgentSpec spec, LinkedList<Waiter> line) in _byKey)
        {
            int covered = coming(spec);
            if (covered >= line.Count)
                continue;
            Waiter first = line.ElementAt(covered);
            if (uncovered is null || first.Number < uncovered.Number)
                uncovered = first;
        }

        return uncovered is not null;
    }
}
