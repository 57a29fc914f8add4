using KiroPool.Engine.Processes;
using KiroPool.Engine.Tests.Fakes;
using KiroPool.Tests.Shared;

namespace KiroPool.Engine.Tests.Simulated;

/// <summary>Waits for the ends of processes of this machine.</summary>
internal static class LiveProcesses
{
    /// <summary>Kills one process and waits until it has ended. Its parent may not know yet.</summary>
    public static Task EndAsync(int id)
    {
        SystemProcesses.Kill(id);
        return Eventually.HoldsAsync(() => OperatingSystem.IsLinux() ? ProcStat.TryRead(id) is null or { IsDead: true } && CountThreads(id) <= 1 : !SystemProcesses.IsAlive(id));
    }

    // On Linux, a process has ended when the last of its threads has, and the first one may be dead before.
    private static int CountThreads(int id)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{id}/task").Length;
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}
