using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The tree of an agent that leads its own session: the members of its process group, and the processes outside it
/// that have the agent's marker.
/// </summary>
internal sealed partial class UnixTree : AgentTree
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;

    private readonly int _groupId;
    private readonly string _marker;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    public UnixTree(int groupId, string marker)
    {
        // kill(-1) would signal every process of the user, and kill(0) the host's own group.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(groupId, 1);
        _groupId = groupId;
        _marker = marker;
    }

    public override async Task<bool> IsAliveAsync() => (await MembersAsync().ConfigureAwait(false)).Any();

    public override async Task<bool> TerminateAsync()
    {
        await SignalAsync(Sigterm).ConfigureAwait(false);
        return true;
    }

    public override Task KillAsync() => SignalAsync(Sigkill);

    public override long? ReadMemoryBytes() =>
        ProcessTable.ReadRecent(_startedAt).Find(_groupId, _marker).Sum(process => process.ResidentBytes) is > 0 and var bytes ? bytes : null;

    private async Task SignalAsync(int signal)
    {
        // The group as a whole comes first, so that a member cannot escape by forking.
        _ = SendSignal(-_groupId, signal);
        try
        {
            foreach (UnixProcess process in (await MembersAsync().ConfigureAwait(false)).Where(process => process.GroupId != _groupId))
                _ = SendSignal(process.Id, signal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // For example, no file handle was free. The group has its signal, and the ladder tries again.
        }
    }

    private async Task<IEnumerable<UnixProcess>> MembersAsync() =>
        (await ProcessTable.ReadNewAsync().ConfigureAwait(false)).Find(_groupId, _marker);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
