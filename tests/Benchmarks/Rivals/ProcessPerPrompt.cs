using KiroPool.Benchmarks.Agents;

namespace KiroPool.Benchmarks.Rivals;

/// <summary>The alternatives without a pool.</summary>
internal static class ProcessPerPrompt
{
    /// <summary>A client that speaks the protocol with a new agent for each prompt, and lets it end politely.</summary>
    public static void RunPolitely(AgentProgram program, int number)
    {
        using var agent = new BareAgent(program);
        agent.LastPrompt($"prompt {number}");
        agent.EndPolitely();
    }

    /// <summary>
    /// The Python pool: it spawns the chat command for each prompt, closes stdin, and kills the process. If the simulator has
    /// no chat, the agent's own protocol stands in for it, which takes the same time.
    /// </summary>
    public static void RunLikeTheSeed(AgentProgram program, int number)
    {
        if (ChatCommand.IsSimulated)
        {
            ChatCommand.Run(program, $"prompt {number}", endsIt: true);
            return;
        }

        using var agent = new BareAgent(program);
        agent.LastPrompt($"prompt {number}");
    }
}
