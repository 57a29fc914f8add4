using KiroPool.Engine.Agents;

namespace KiroPool.Engine.Processes.Far;

/// <summary>The far end of one prefix: the host, the reports of the script there, and the link of the host.</summary>
/// <param name="host">The host.</param>
/// <param name="report">What the script reports.</param>
/// <param name="link">The link of the host.</param>
/// <param name="marker">The marker of the agent; null for a keeper, which ends with its prefix.</param>
/// <param name="prefix">The prefix.</param>
/// <param name="share">Its share of the keeper's connection; null for a connection of its own.</param>
internal sealed class FarEnd(AgentHost host, FarReport report, HostLink link, string? marker, CommandPrefix prefix, ConnectionShare? share = null)
{
    private FarTree? _tree;

    public AgentHost Host => host;

    public FarReport Report => report;

    public CommandPrefix Prefix => prefix;

    public FarTree Attach(AgentTree local) => _tree = new FarTree(local, report, link, marker, share);

    /// <summary>Lets another agent have its share, after the prefix could not be started.</summary>
    public void Release() => share?.Dispose();

    /// <summary>How the link was lost; null if it was not.</summary>
    public LinkLoss? Loss { get; private set; }

    /// <summary>Decides whether the link was lost, when the prefix has ended: the stub reports the agent's end before that.</summary>
    public void DecideLoss()
    {
        if (report is { GroupId: not null, ExitCode: null })
            Loss ??= link.NewLoss("broke");
    }

    public Task CutAsync()
    {
        Loss ??= link.NewLoss(link.WhyLost);
        return _tree!.CutAsync();
    }
}
