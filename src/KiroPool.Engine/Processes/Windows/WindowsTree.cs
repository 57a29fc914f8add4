using System.ComponentModel;
using System.Diagnostics;

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

    public override long? ReadMemoryBytes() => job.ReadProcessIds().Sum(WorkingSet) is > 0 and var bytes ? bytes : null;

    private static long WorkingSet(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.WorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return 0;
        }
    }
}
