using System.ComponentModel;
using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The tree of an agent on Windows: a job object that ends all its processes on request, or when the host's last handle
/// to it is closed, however the host ends.
/// </summary>
internal sealed class WindowsTree : AgentTree
{
    private readonly JobObject _job;

    public WindowsTree(Process process)
    {
        _job = JobObject.KillOnClose();
        try
        {
            _job.Assign(process);
        }
        catch (Win32Exception) when (process.HasExited)
        {
            // The process ended before it could be assigned. Its stderr gives the reason.
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public override Task<bool> IsAliveAsync() => Task.FromResult(_job.CountProcesses() > 0);

    /// <summary>Does nothing: Windows has no polite signal for a process without a window, and its stdin is already closed.</summary>
    public override Task TerminateAsync() => Task.CompletedTask;

    public override Task KillAsync()
    {
        _job.Terminate();
        return Task.CompletedTask;
    }

    public override long? ReadMemoryBytes() => _job.ReadProcessIds().Sum(WorkingSet) is > 0 and var bytes ? bytes : null;

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
