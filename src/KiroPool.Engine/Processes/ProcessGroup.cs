using System.Globalization;
using System.Runtime.InteropServices;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The Unix process group of one agent: the agent leads it, and everything it starts is in it unless it leaves on purpose.
/// </summary>
internal static partial class ProcessGroup
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;

    /// <summary>Asks every process of the group to end. False when there is none left.</summary>
    public static bool Terminate(int groupId) => Signal(groupId, Sigterm);

    /// <summary>Ends every process of the group. False when there is none left.</summary>
    public static bool Kill(int groupId) => Signal(groupId, Sigkill);

    /// <summary>Whether a process of the group still runs; zombies nobody has reaped do not count.</summary>
    public static bool HasLiveMembers(int groupId)
    {
        if (!Signal(groupId, 0))
            return false;
        return !OperatingSystem.IsLinux() || AnyLive(groupId);
    }

    private static bool Signal(int groupId, int signal)
    {
        // kill(-1) would signal every process of the user, and kill(0) the host's own group.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(groupId, 1);
        return SendSignal(-groupId, signal) == 0;
    }

    private static bool AnyLive(int groupId)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && ProcStat.TryRead(id) is { } stat && stat.GroupId == groupId && !stat.IsDead)
                return true;
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
