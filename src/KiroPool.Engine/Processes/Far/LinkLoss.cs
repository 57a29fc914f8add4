using System.Globalization;

namespace KiroPool.Engine.Processes.Far;

/// <summary>The loss of the link to a far host: what happened to its agents is unknown.</summary>
/// <param name="Host">The host.</param>
/// <param name="Reason">What was noticed, as the end of a sentence about the link.</param>
/// <param name="FencedAt">From then on nothing of the agent can be left, so that a repetition is safe.</param>
internal sealed record LinkLoss(string Host, string Reason, DateTimeOffset FencedAt)
{
    public AgentException ToFailure(string when, string stderr, Exception? cause) => new(
        FailureKind.HostLost,
        string.Create(CultureInfo.InvariantCulture, $"The link to the host '{Host}' {Reason} {when}. Its agents are ended there by {FencedAt.ToLocalTime():HH:mm:ss} at the latest.{(stderr.Length == 0 ? "" : " " + StderrTail.Quote(stderr))}"),
        cause)
    { Value = Host, FencedAt = FencedAt };
}
