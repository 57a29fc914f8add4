using KiroPool.Engine;
using KiroPool.Engine.Pooling;

namespace KiroPool;

/// <summary>A pool, as <c>Start-KiroPool</c> returns it and <c>-Pool</c> accepts it.</summary>
public sealed class PoolInfo
{
    internal PoolInfo(AgentPool pool) => Pool = pool;

    /// <summary>Running or Stopped.</summary>
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

    /// <summary>The directory of prompts that name none.</summary>
    public string WorkingDirectory => Pool.DefaultSpec.WorkingDirectory;

    /// <summary>The largest number of processes at any instant.</summary>
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

    /// <summary>The program, the size and the state.</summary>
    public override string ToString() => $"{Path.GetFileName(FilePath)}, up to {MaxSize} processes, {State.ToLowerInvariant()}";
}
