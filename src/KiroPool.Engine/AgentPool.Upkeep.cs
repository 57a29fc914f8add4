using KiroPool.Engine.Agents;
using KiroPool.Engine.Diagnostics;
using KiroPool.Engine.Pooling;

namespace KiroPool.Engine;

/// <content>What is looked after from time to time: agents that are idle too long or use too much memory.</content>
public sealed partial class AgentPool
{
    private void Sweep()
    {
        HashSet<PooledAgent> overMemory = [];
        try
        {
            overMemory = FindOverMemory();
        }
        catch (Exception e)
        {
            // This is a timer's thread: what escapes here would end the user's shell.
            Log.WriteVerbose($"the memory of agents could not be read: {e.Message}");
        }

        lock (_gate)
        {
            if (_closed)
                return;
            foreach (PooledAgent agent in overMemory)
                agent.IsOverMemory = true;
            foreach (AgentSpec spec in _breakers.Where(entry => entry.Value.IsStale).Select(entry => entry.Key).ToArray())
                _breakers.Remove(spec);
            SuspendWhatIsDue();
            EndWhatIsIdleTooLong();
            Schedule();
        }
    }

    /// <summary>Reads memory of idle agents only: a turn may need much for a while. Outside the lock, since it asks the system.</summary>
    private HashSet<PooledAgent> FindOverMemory()
    {
        if (Options.MaxMemoryBytes == 0)
            return [];
        IReadOnlyList<PooledAgent> idle;
        lock (_gate)
            idle = [.. _idle.All(), .. _agents.Where(IsSuspendable)];
        return [.. idle.Where(agent => agent.Connection.ReadMemoryBytes() > Options.MaxMemoryBytes)];
    }

    /// <summary>Longest idle first, down to the minimum. Conversations that can be taken up again are suspended so.</summary>
    private void EndWhatIsIdleTooLong()
    {
        if (Options.IdleTimeout == TimeSpan.Zero)
            return;
        DateTimeOffset now = _time.GetUtcNow();
        int spare = _agents.Count(a => a.State != PooledAgentState.Stopping && !a.IsSpent) - Options.MinSize;
        PooledAgent[] unused = [.. _idle.All().Concat(_agents.Where(IsSuspendable)).OrderBy(agent => agent.LastUsed)];
        foreach (PooledAgent agent in unused.TakeWhile(agent => now - agent.LastUsed >= Options.IdleTimeout).Take(Math.Max(0, spare)))
            End(agent, EndReason.Idle);
    }
}
