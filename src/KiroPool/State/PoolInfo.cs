using KiroPool.Binding;
using KiroPool.Engine;
using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Formatting;

namespace KiroPool;

/// <summary>A pool, as <c>Start-KiroPool</c> returns it and <c>-Pool</c> accepts it.</summary>
public sealed class PoolInfo
{
    internal PoolInfo(AgentPool pool, bool followsLocation = false, bool isAutomatic = false) =>
        (Pool, FollowsLocation, IsAutomatic) = (pool, followsLocation, isAutomatic);

    /// <summary>Running, or Stopped as soon as a stop has begun.</summary>
    public string State => Pool.IsStopped ? "Stopped" : "Running";

    /// <summary>The protocol: Acp, Chat or Delimited.</summary>
    public string Protocol => Pool.DefaultSpec.Protocol.ToString();

    /// <summary>The engine of kiro-cli that answers, V2 or V3, as its processes reported it; null until then, and for other agents.</summary>
    public string? Engine => Pool.ReadEngine()?.ToString();

    /// <summary>The agent program.</summary>
    public string FilePath => Pool.DefaultSpec.Executable;

    /// <summary>The agent (mode) of prompts that name none; null for the program's default.</summary>
    public string? Agent => Pool.DefaultSpec.Agent;

    /// <summary>The model of prompts that name none; null for the program's default.</summary>
    public string? Model => Pool.DefaultSpec.Model;

    /// <summary>
    /// The directory of the warm agents. If the pool was started with -WorkingDirectory, prompts that name none use it;
    /// otherwise they use the present location, and the warm agents follow.
    /// </summary>
    public string WorkingDirectory => Pool.DefaultSpec.WorkingDirectory;

    /// <summary>Whether prompts without -WorkingDirectory use the present location, because the pool was started without it.</summary>
    public bool FollowsLocation { get; }

    /// <summary>The hosts of the agents; localhost for this machine.</summary>
    public IReadOnlyList<string> HostName => [.. Pool.Options.Hosts.Select(host => host.Name)];

    /// <summary>The largest number of processes at any instant, on each host.</summary>
    public int MaxSize => Pool.Options.MaxSize;

    /// <summary>The number of warm processes to keep.</summary>
    public int MinSize => Pool.Options.MinSize;

    /// <summary>Whether agents may use every tool, for prompts without their own trust.</summary>
    public bool TrustAllTools => Pool.Permissions.TrustAllTools;

    /// <summary>The trusted tools, for prompts without their own trust.</summary>
    public IReadOnlyList<string> TrustTools => Pool.Permissions.TrustTools;

    /// <summary>All limits.</summary>
    public PoolOptions Options => Pool.Options;

    /// <summary>The start time of the pool.</summary>
    public DateTimeOffset CreatedAt => Pool.CreatedAt;

    internal AgentPool Pool { get; }

    /// <summary>Where the files of this machine are on the hosts; null if all agents run here.</summary>
    internal PathMap? Files => Options.Hosts.HasFar ? PathMap : null;

    /// <summary>The value of -PathMap.</summary>
    internal PathMap PathMap { get; init; } = PathMap.Empty;

    /// <summary>Whether a prompt started it, and Start-KiroPool has not been used for it.</summary>
    internal bool IsAutomatic { get; set; }

    /// <summary>The values of an agent for the present location.</summary>
    /// <param name="location">The present location.</param>
    internal AgentSpec SpecAt(string location) => FollowsLocation ? Pool.DefaultSpec.With(workingDirectory: location) : Pool.DefaultSpec;

    /// <summary>Whether an agent is warm, or serves a prompt or a session.</summary>
    internal bool HasWarmAgent => Pool.ReadActivity() is { Idle: > 0 } or { Running: > 0 };

    /// <summary>Whether it was started without being asked for, and no agent ever became warm.</summary>
    internal bool IsFailedStart => IsAutomatic && !Pool.IsStopped && !HasWarmAgent
        && Pool.GetStatistics() is { CacheHits: 0, CacheMisses: 0, WaitingCount: 0, LastStartFailure: not null };

    /// <summary>Whether prompts or conversations would end with the pool.</summary>
    internal bool IsInUse => Pool.Sessions.All.Count > 0 || Pool.GetStatistics() is { ActiveCount: > 0 } or { HeldCount: > 0 } or { WaitingCount: > 0 };

    /// <summary>The program, the size and the state.</summary>
    public override string ToString() => $"{Path.GetFileName(FilePath)}, up to {Amount.Of(Options.Capacity, "process", "processes")}{(Options.Hosts.Count > 1 ? $" on {Options.Hosts.Count} hosts" : Options.Hosts.HasFar ? $" on {Options.Hosts[0]}" : "")}, {State.ToLowerInvariant()}";
}
