using System.Diagnostics.CodeAnalysis;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Pooling;

/// <summary>What a waiter does while no agent can be started.</summary>
/// <param name="ForAgent">Whether it waits while starts fail and may succeed later. Otherwise it gets the reason.</param>
/// <param name="ForHosts">Whether it waits while no host can be reached.</param>
/// <param name="HasOwnLimit">Whether its caller ends the wait. Otherwise the wait for hosts has a limit.</param>
internal sealed record WaitRules(bool ForAgent = false, bool ForHosts = true, bool HasOwnLimit = false)
{
    public static WaitRules Usual { get; } = new();
}

/// <summary>A request that waits for an agent, for a stand-alone prompt or a conversation.</summary>
internal class Waiter(AgentSpec spec, IResident? resident, long queuedAt, WaitRules? rules = null)
{
    public WaitRules Rules { get; } = rules ?? WaitRules.Usual;

    public AgentSpec Spec { get; } = spec;

    /// <summary>The conversation; null for a stand-alone prompt.</summary>
    public IResident? Resident { get; } = resident;

    public long QueuedAt { get; } = queuedAt;

    /// <summary>The order of arrival.</summary>
    public long Number { get; set; }

    /// <summary>How often a later waiter of another key was served first.</summary>
    public int PassedOver { get; set; }

    public LinkedListNode<Waiter>? Node { get; set; }
}

/// <summary>
/// The queue of waiters, first come, first served within a key. There are few keys and possibly many waiters, so every
/// query uses only the heads of the keys. Guarded by the pool's lock.
/// </summary>
internal sealed class WaitingLine
{
    private readonly Dictionary<AgentSpec, LinkedList<Waiter>> _byKey = [];
    private long _lastNumber;

    public int Count { get; private set; }

    /// <summary>How many of them are conversations.</summary>
    public int ConversationCount { get; private set; }

    public void Add(Waiter waiter)
    {
        waiter.Number = ++_lastNumber;
        if (!_byKey.TryGetValue(waiter.Spec, out LinkedList<Waiter>? line))
            _byKey.Add(waiter.Spec, line = []);
        waiter.Node = line.AddLast(waiter);
        Count++;
        ConversationCount += waiter.Resident is null ? 0 : 1;
    }

    /// <summary>Removes a waiter. Returns false if it had already left the queue.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Node is not { List: { } line } node)
            return false;
        line.Remove(node);
        waiter.Node = null;
        Count--;
        ConversationCount -= waiter.Resident is null ? 0 : 1;
        if (line.Count == 0)
            _byKey.Remove(waiter.Spec);
        else if (line.First!.Value.PassedOver < waiter.PassedOver)
            line.First.Value.PassedOver = waiter.PassedOver;
        return true;
    }

    /// <summary>The first waiter of each key, earliest first.</summary>
    public IEnumerable<Waiter> Heads() => _byKey.Values.Select(line => line.First!.Value).OrderBy(waiter => waiter.Number);

    /// <summary>All waiters of a key, in order of arrival.</summary>
    public IReadOnlyList<Waiter> Of(AgentSpec spec) => _byKey.TryGetValue(spec, out LinkedList<Waiter>? line) ? [.. line] : [];

    /// <summary>All waiters, in order of arrival.</summary>
    public IEnumerable<Waiter> All() => _byKey.Values.SelectMany(line => line).OrderBy(waiter => waiter.Number);

    /// <summary>Finds the earliest waiter without a starting agent.</summary>
    /// <param name="coming">Returns the number of starting agents of a key, which serve its first waiters.</param>
    /// <param name="uncovered">The waiter.</param>
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
