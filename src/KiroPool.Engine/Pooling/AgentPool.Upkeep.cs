namespace KiroPool.Engine.Pooling;

/// <content>What is looked after from time to time: agents that are idle too long or use too much memory.</content>
public sealed partial class AgentPool
{
    private void Sweep()
    {
        HashSet<PooledAgent> overMemory = FindOverMemory();
        lock (_gate)
        {
            if (_closed)
                return;
            foreach (PooledAgent agent in overMemory)
                agent.IsOverMemory = true;
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
            idle = _idle.All();
        return [.. idle.Where(agent => agent.Connection.ReadMemoryBytes() > Options.MaxMemoryBytes)];
    }

    /// <summary>Longest idle first, down to the minimum.</summary>
    private void EndWhatIsIdleTooLong()
    {
        if (Options.IdleTimeout == TimeSpan.Zero)
            return;
        DateTimeOffset now = _time.GetUtcNow();
        int spare = _agents.Count(a => a.State != PooledAgentState.Stopping) - Options.MinSize;
        foreach (PooledAgent agent in _idle.All().TakeWhile(agent => now - agent.LastUsed >= Options.IdleTimeout).Take(Math.Max(0, spare)))
            End(agent, EndReason.Idle);
    }
}
