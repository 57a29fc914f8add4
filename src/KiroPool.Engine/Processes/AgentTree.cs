namespace KiroPool.Engine.Processes;

/// <summary>An agent's process and the processes it started, as far as the platform can find them.</summary>
internal abstract class AgentTree
{
    /// <summary>Whether any process of the tree still runs.</summary>
    public abstract Task<bool> IsAliveAsync();

    /// <summary>Asks all processes to end.</summary>
    /// <returns>Whether the system has a means to ask. If not, to wait for an effect is useless.</returns>
    public abstract Task<bool> TerminateAsync();

    /// <summary>Kills all processes.</summary>
    public abstract Task KillAsync();

    /// <summary>Waits until nothing can be left, where the end of the process does not prove it.</summary>
    public virtual Task FenceAsync() => Task.CompletedTask;

    /// <summary>Resident memory of all processes in bytes; null if it is unknown.</summary>
    public abstract long? ReadMemoryBytes();
}
