using System.Diagnostics;

namespace KiroPool.Engine.Processes.Far;

/// <summary>
/// An agent on a far host with the processes it started. The stub there ends last, so the life of the local prefix (ssh)
/// stands for all of them; signals go through the keeper of the host.
/// </summary>
internal sealed class FarTree(AgentTree local, FarReport report, HostLink link, string? marker, ConnectionShare? share) : AgentTree
{
    // Repeated, because a process that is forked during one scan is found by the next; not so often that the link is busy.
    private static readonly TimeSpan BetweenKills = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PrefixMayStay = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(250);

    private long _killedSince;
    private long _killedAt;

    public override Task<bool> IsAliveAsync() => local.IsAliveAsync();

    public override Task<bool> TerminateAsync()
    {
        if (marker is not null)
            link.Signal("term", report.GroupId, marker);
        return Task.FromResult(true);
    }

    public override async Task KillAsync()
    {
        if (_killedSince == 0)
            _killedSince = Stopwatch.GetTimestamp();
        if (marker is null || report.GroupId is not { } group || !link.IsUp || Stopwatch.GetElapsedTime(_killedSince) > PrefixMayStay)
        {
            await local.KillAsync().ConfigureAwait(false);
            return;
        }

        if (_killedAt != 0 && Stopwatch.GetElapsedTime(_killedAt) < BetweenKills)
            return;
        _killedAt = Stopwatch.GetTimestamp();
        link.Signal("kill", group, marker);
    }

    /// <summary>Ends the prefix alone, after its link was lost.</summary>
    public Task CutAsync() => local.KillAsync();

    public override long? ReadMemoryBytes() => marker is null ? null : link.ReadMemoryBytes(marker);

    /// <summary>
    /// The prefix has ended. If the stub did not end of itself, its host may still have processes of the agent: until the keeper
    /// says that they are gone, or until the keeper has certainly ended them.
    /// </summary>
    public override async Task FenceAsync()
    {
        share?.Dispose();
        if (marker is null || !report.WasHere)
            return;
        long since = Stopwatch.GetTimestamp();
        while (!report.IsGone && Stopwatch.GetElapsedTime(since) < link.FencedAfter)
        {
            if (link.IsUp)
            {
                link.Signal("kill", report.GroupId, marker);
                if (await link.IsGoneAsync(report.GroupId, marker).ConfigureAwait(false))
                    break;
            }

            await Task.Delay(BetweenQuestions).ConfigureAwait(false);
        }

        if (report.GroupId is { } group)
            link.Remove(group);
    }
}
