using KiroPool.Engine.Agents;
using KiroPool.Engine.Pooling;
using KiroPool.Engine.Statistics;

namespace KiroPool.Engine.Prompting;

/// <summary>The services that all prompts of a pool share.</summary>
internal sealed record PromptServices(AgentDispatcher Dispatcher, CoolDown CoolDown, PoolCounters Counters, TimeProvider Time)
{
    /// <summary>What all prompts of the pool may cost, and what they have cost.</summary>
    public required SpendingLimit SpendingLimit { get; init; }

    /// <summary>Why no further turn of a prompt may be sent; null when it may.</summary>
    public AgentException? WhyNotToSpend(PromptRequest request) => request.SpendingLimit?.WhyReached() ?? SpendingLimit.WhyReached();

    /// <summary>Adds what a turn cost to all that limits it.</summary>
    public void Spend(PromptRequest request, TurnMeter turn)
    {
        request.SpendingLimit?.Add(turn);
        SpendingLimit.Add(turn);
    }

    /// <summary>The permissions of prompts without their own.</summary>
    public PermissionPolicy Permissions { get; init; } = PermissionPolicy.None;

    /// <summary>The tools that agents have asked to use.</summary>
    public SeenTools Tools { get; } = new();
}
