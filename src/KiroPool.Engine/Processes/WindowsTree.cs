using System.Diagnostics;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The tree of an agent on Windows: a job object that ends all of it when it is told to, or when the host's last handle
/// to it goes, however the host ends.
/// </summary>
internal sealed class WindowsTree : AgentTree
{
    private readonly Process _process;
    private readonly JobObject _job;

    public WindowsTree(Process process)
    {
        _process = process;
        _job = JobObject.KillOnClose();
        _job.Assign(process);
    }

    public override bool IsAlive() => _job.CountProcesses() > 0;

    /// <summary>Windows has no polite signal for a process without a window; its stdin was closed already.</summary>
    public override void Terminate()
    {
    }

    public override void Kill() => _job.Terminate();

    public override long? ReadMemoryBytes()
    {
        try
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
