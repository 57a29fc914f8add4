namespace KiroPool.Engine.Processes;

/// <summary>
/// The tree of an agent on Windows: a job object that ends all its processes on request, or when the host's last handle
/// to it is closed, however the host ends.
/// </summary>
internal sealed class WindowsTree(JobObject job) : AgentTree
{
    public override Task<bool> IsAliveAsync() => Task.FromResult(job.CountProcesses() > 0);

    /// <summary>Does nothing: Windows has no polite signal for a process without a window, and its stdin is already closed.</summary>
    public override Task<bool> TerminateAsync() => Task.FromResult(false);

    public override Task KillAsync()
    {
        job.Terminate();
        return Task.CompletedTask;
    }

    public override long? ReadMemoryBytes() => job.ReadProcessIds().Sum(WindowsMemory.ReadBytes) is > 0 and var bytes ? bytes : null;
}
