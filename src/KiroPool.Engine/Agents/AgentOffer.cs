namespace KiroPool.Engine.Agents;

/// <summary>What agent processes can be asked for, as they say.</summary>
/// <param name="Agents">The agents (modes).</param>
/// <param name="Models">The models.</param>
public sealed record AgentOffer(IReadOnlyList<string> Agents, IReadOnlyList<string> Models);
