using System.Collections.Concurrent;
using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Text;

/// <summary>
/// A process that waits on stdin does not show that it is ready, so its start counts as good at once. If a process ends
/// unused, the next starts of its key are watched for longer than its lifetime. A program that cannot run then fails to
/// start, and the breaker works. Without this, the pool would replace it for ever.
/// </summary>
internal sealed class EarlyDeaths
{
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);

    // A process that lived longer did not fail to start, and a longer watch would cost more than it saves.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AgentSpec, TimeSpan> _lived = new();

    /// <summary>The time for which a start is watched.</summary>
    public TimeSpan WatchFor(AgentSpec spec, TimeSpan most) =>
        !_lived.TryGetValue(spec, out TimeSpan lived) ? TimeSpan.Zero
        : (2 * lived) + Margin is var watch && watch < most ? watch
        : most;

    /// <summary>Records a process that ended by itself without serving a prompt.</summary>
    public void Died(AgentSpec spec, TimeSpan after)
    {
        if (after <= Early)
            _lived[spec] = after;
    }

    /// <summary>Records that a process of the key lives or has answered.</summary>
    public void Lives(AgentSpec spec) => _lived.TryRemove(spec, out _);
}
