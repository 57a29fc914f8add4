using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Prompting;

/// <summary>The services that all prompts of a pool share.</summary>
internal sealed record PromptServices(AgentDispatcher Dispatcher, CoolDown CoolDown, PoolCounters Counters, TimeProvider Time)
{
    /// <summary>The permissions of prompts without their own.</summary>
    public PermissionPolicy Permissions { get; init; } = PermissionPolicy.None;

    /// <summary>The tools that agents have asked to use.</summary>
    public SeenTools Tools { get; } = new();
}
