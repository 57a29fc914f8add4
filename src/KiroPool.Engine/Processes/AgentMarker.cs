using System.Globalization;

namespace KiroPool.Engine.Processes;

/// <summary>
/// The environment variable that every process of an agent's tree inherits. It identifies processes that left the
/// agent's group. Its value names the host process and the agent, and is unique.
/// </summary>
internal static class AgentMarker
{
    public const string Variable = "KIROPOOL_AGENT";

    private static int _lastAgent;

    /// <summary>The prefix of all markers of this host.</summary>
    public static string HostPrefix { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}.");

    /// <summary>Returns a new marker for one agent.</summary>
    public static string Next() => HostPrefix + Interlocked.Increment(ref _lastAgent).ToString(CultureInfo.InvariantCulture);
}
