namespace KiroPool.Engine.Agents;

/// <summary>The agents and models that agent processes have reported.</summary>
/// <param name="Agents">The agents (modes).</param>
/// <param name="Models">The models.</param>
public sealed record AgentOffer(IReadOnlyList<string> Agents, IReadOnlyList<string> Models);
