using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Prompting;

/// <summary>What all prompts of a pool share.</summary>
internal sealed record PromptServices(AgentDispatcher Dispatcher, CoolDown CoolDown, PoolCounters Counters, TimeProvider Time)
{
    /// <summary>Which tools agents may use, for prompts that say nothing else.</summary>
    public PermissionPolicy Permissions { get; init; } = PermissionPolicy.None;
}
