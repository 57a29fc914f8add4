using System.Globalization;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The environment variable that every process of an agent's tree inherits, so that those which left the agent's group
/// are found too. Its value names the host process and the agent; nothing else in the world carries it.
/// </summary>
internal static class AgentMarker
{
    public const string Variable = "KIROPOOL_AGENT";

    private static int _lastAgent;

    /// <summary>What all markers of this host begin with.</summary>
    public static string HostPrefix { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}.");

    /// <summary>A marker for one more agent.</summary>
    public static string Next() => HostPrefix + Interlocked.Increment(ref _lastAgent).ToString(CultureInfo.InvariantCulture);
}
