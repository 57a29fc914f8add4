using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>An agent's process and everything it started, as far as the platform can hold them together.</summary>
internal abstract class AgentTree
{
    /// <summary>Takes hold of a process that has just been started.</summary>
    /// <param name="process">The agent.</param>
    /// <param name="marker">The value of <see cref="AgentMarker.Variable"/> in its environment.</param>
    public static AgentTree Of(Process process, string marker) =>
        OperatingSystem.IsWindows() ? new WindowsTree(process) : new UnixTree(process.Id, marker);

    /// <summary>Whether anything of it still runs.</summary>
    public abstract Task<bool> IsAliveAsync();

    /// <summary>Asks everything to end, where the platform knows how.</summary>
    public abstract Task TerminateAsync();

    /// <summary>Ends everything.</summary>
    public abstract Task KillAsync();

    /// <summary>Resident memory of all of it in bytes; null if it cannot be told.</summary>
    public abstract long? ReadMemoryBytes();
}
