using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>An agent's process and the processes it started, as far as the platform can find them.</summary>
internal abstract class AgentTree
{
    /// <summary>Attaches to a process that has just started.</summary>
    /// <param name="process">The agent.</param>
    /// <param name="marker">The value of <see cref="AgentMarker.Variable"/> in its environment.</param>
    public static AgentTree Of(Process process, string marker) =>
        OperatingSystem.IsWindows() ? new WindowsTree(process) : new UnixTree(process.Id, marker);

    /// <summary>Whether any process of the tree still runs.</summary>
    public abstract Task<bool> IsAliveAsync();

    /// <summary>Asks all processes to end, if the platform has a means.</summary>
    public abstract Task TerminateAsync();

    /// <summary>Kills all processes.</summary>
    public abstract Task KillAsync();

    /// <summary>Waits until nothing can be left, where the end of the process does not prove it.</summary>
    public virtual Task FenceAsync() => Task.CompletedTask;

    /// <summary>Resident memory of all processes in bytes; null if it is unknown.</summary>
    public abstract long? ReadMemoryBytes();
}
