using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Text;

/// <summary>
/// A process that waits on stdin gives no sign of being ready, so its start counts as good at once. When one ends unused
/// all the same, the next starts of its key are watched for longer than that one lived. So a program that cannot run
/// fails to start, as it should, and the pool's brake holds; otherwise the pool would replace it for ever.
/// </summary>
internal sealed class EarlyDeaths
{
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);

    // Who lived longer did not fail to start, and to watch for so long would cost more than it saves.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AgentSpec, TimeSpan> _lived = new();

    /// <summary>How long a start is to be watched.</summary>
    public TimeSpan WatchFor(AgentSpec spec, TimeSpan most) =>
        !_lived.TryGetValue(spec, out TimeSpan lived) ? TimeSpan.Zero
        : (2 * lived) + Margin is var watch && watch < most ? watch
        : most;

    /// <summary>A process ended by itself and had served nothing.</summary>
    public void Died(AgentSpec spec, TimeSpan after)
    {
        if (after <= Early)
            _lived[spec] = after;
    }

    /// <summary>One of the key does live, or has answered.</summary>
    public void Lives(AgentSpec spec) => _lived.TryRemove(spec, out _);
}
