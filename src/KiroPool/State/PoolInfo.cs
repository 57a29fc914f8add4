using KiroPool.Engine;
using KiroPool.Engine.Pooling;

namespace KiroPool;

/// <summary>A running pool, as <c>Start-KiroPool</c> returns it and <c>-Pool</c> takes it.</summary>
public sealed class PoolInfo
{
    internal PoolInfo(AgentPool pool) => Pool = pool;

    /// <summary>Running or Stopped.</summary>
    public string State => Pool.IsStopped ? "Stopped" : "Running";

    /// <summary>How the pool talks to its agents: Acp, Chat or Delimited.</summary>
    public string Protocol => Pool.DefaultSpec.Protocol.ToString();

    /// <summary>The agent's program.</summary>
    public string FilePath => Pool.DefaultSpec.Executable;

    /// <summary>The agent (mode) prompts run on unless they name another; null for the program's default.</summary>
    public string? Agent => Pool.DefaultSpec.Agent;

    /// <summary>The model prompts run on unless they name another; null for the program's default.</summary>
    public string? Model => Pool.DefaultSpec.Model;

    /// <summary>The directory prompts run in unless they name another.</summary>
    public string WorkingDirectory => Pool.DefaultSpec.WorkingDirectory;

    /// <summary>The most processes at any instant.</summary>
    public int MaxSize => Pool.Options.MaxSize;

    /// <summary>The warm processes that are kept.</summary>
    public int MinSize => Pool.Options.MinSize;

    /// <summary>Whether agents may use every tool they ask for, unless a prompt says otherwise.</summary>
    public bool TrustAllTools => Pool.Permissions.TrustAllTools;

    /// <summary>The tools agents may use, unless a prompt says otherwise.</summary>
    public IReadOnlyList<string> TrustTools => Pool.Permissions.TrustTools;

    /// <summary>All limits.</summary>
    public PoolOptions Options => Pool.Options;

    /// <summary>When the pool was started.</summary>
    public DateTimeOffset CreatedAt => Pool.CreatedAt;

    internal AgentPool Pool { get; }

    /// <summary>The program, the size and the state.</summary>
    public override string ToString() => $"{Path.GetFileName(FilePath)}, up to {MaxSize} processes, {State.ToLowerInvariant()}";
}
